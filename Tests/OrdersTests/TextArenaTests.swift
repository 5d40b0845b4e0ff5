import Testing

@testable import Orders

@Suite struct TextArenaTests {
    /// What a chunk holds beside the address of the one before.
    static let roomBytes = TextArena.chunkBytes - MemoryLayout<Int>.size

    private static func text(_ count: Int, _ byte: UInt8) -> [UInt8] {
        [UInt8](repeating: byte, count: count)
    }

    /// The rest of a chunk is used to its last byte, and not one byte further.
    @Test(arguments: [1, 8, 9, 64])
    func chunksAreFilledExactly(restBytes: Int) {
        var arena = TextArena()
        let long = arena.append(Self.text(Self.roomBytes - restBytes, 1).span)
        let fitting = arena.append(Self.text(restBytes, 2).span)
        #expect(fitting == long + (Self.roomBytes - restBytes))

        var other = TextArena()
        let before = other.append(Self.text(Self.roomBytes - restBytes, 3).span)
        let past = other.append(Self.text(restBytes + 1, 4).span)
        #expect(past != before + (Self.roomBytes - restBytes))
        #expect(UnsafeBufferPointer(start: past, count: restBytes + 1).allSatisfy { $0 == 4 })
        #expect(UnsafeBufferPointer(start: before, count: Self.roomBytes - restBytes).allSatisfy { $0 == 3 })
    }

    @Test func aTextFitsAChunk() async {
        var arena = TextArena()
        let whole = arena.append(Self.text(Self.roomBytes, 5).span)
        #expect(UnsafeBufferPointer(start: whole, count: Self.roomBytes).allSatisfy { $0 == 5 })
        await #expect(processExitsWith: .failure) {
            var arena = TextArena()
            _ = arena.append([UInt8](repeating: 0, count: TextArenaTests.roomBytes + 1).span)
        }
    }
}
