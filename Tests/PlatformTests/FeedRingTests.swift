import Bytes
import Orders
@testable import Platform
import TestKit
import Testing

/// The ring of frames, at its ends and over its edge.
@Suite struct FeedRingTests {
    /// An event as a form has it, by another way than the platform's.
    private static func bytes(
        of event: OrderEvent, _ sequence: UInt64, in form: FeedForm = .plain
    ) -> [UInt8] {
        let rest = #""orderId": \#(event.orderID), "orderStatus": "\#(event.status.name)"}"#
        switch form {
        case .plain:
            return [0x81, UInt8(rest.utf8.count + 1)] + Array("{\(rest)".utf8)
        case .numbered:
            let text = #"{"sequence": \#(sequence), \#(rest)"#
            return [0x81, UInt8(text.utf8.count)] + Array(text.utf8)
        case .serverSent:
            return Array("id: \(sequence)\ndata: {\"sequence\": \(sequence), \(rest)\n\n".utf8)
        }
    }

    private static func bytes(_ runs: (UnsafeRawBufferPointer, UnsafeRawBufferPointer)) -> [UInt8] {
        Array(runs.0) + Array(runs.1)
    }

    private static let statuses: [OrderStatus] = [.pending, .executed, .cancelled]

    /// Frames of all lengths: ids of one digit to ten.
    private static func event(_ number: Int) -> OrderEvent {
        let ids: [Int64] = [
            1, 22, 333, 4_444, 55_555, 666_666, 7_777_777, 88_888_888, 999_999_999, 4_294_967_295,
        ]
        return OrderEvent(orderID: ids[number * 7 % 10], status: statuses[number % 3])
    }

    @Test(arguments: FeedForm.allCases)
    func theLongestEventFits(form: FeedForm) {
        for status in Self.statuses {
            let event = OrderEvent(orderID: 4_294_967_295, status: status)
            var output = ByteWriter()
            form.append(event, sequence: .max, to: &output)
            let isRight = Array(output.unsafeBytes) == Self.bytes(of: event, .max, in: form)
            #expect(isRight)
            let count = output.count
            #expect(count <= form.eventBytesMax)
        }
    }

    @Test(arguments: [1, 2, 8, 64])
    func everyRangeIsItsFramesOverManyWraps(eventsMax: Int) {
        let ring = FeedRing(form: .plain, eventsMax: eventsMax, nextSequence: 1)
        var frames: [[UInt8]] = [[]]
        var wraps = 0
        for number in 1...(eventsMax * 7 + 5) {
            let event = Self.event(number)
            ring.append(event)
            frames.append(Self.bytes(of: event, UInt64(number)))
            let next = UInt64(number + 1)
            let first = UInt64(max(1, number + 1 - eventsMax))
            let limits = [ring.nextSequence, ring.firstSequence]
            #expect(limits == [next, first])
            for lower in stride(from: first, through: next, by: max(1, eventsMax / 8)) {
                let range = lower..<next
                let runs = ring.events(range)
                if !runs.1.isEmpty { wraps += 1 }
                let expected = Array(frames[Int(lower)..<Int(next)].joined())
                #expect(Self.bytes(runs) == expected)
            }
            let nothing = ring.events(next..<next)
            #expect(nothing.0.isEmpty && nothing.1.isEmpty)
        }
        #expect(wraps > 0 || eventsMax == 1)
    }

    @Test func theRestIsThatOfTheCutFrameAtEveryCut() {
        let ring = FeedRing(form: .plain, eventsMax: 8, nextSequence: 1)
        var frames: [[UInt8]] = [[]]
        for number in 1...29 {
            ring.append(Self.event(number))
            frames.append(Self.bytes(of: Self.event(number), UInt64(number)))
            for lower in Int(ring.firstSequence)...number {
                let range = UInt64(lower)..<UInt64(number + 1)
                let all = Array(frames[lower...number].joined())
                var end = 0
                var sequence = lower - 1
                for cut in 0..<all.count {
                    if cut == end {
                        sequence += 1
                        end += frames[sequence].count
                    }
                    let rest = ring.rest(of: range, after: cut)
                    let isRight =
                        rest.sequence == UInt64(sequence)
                        && Self.bytes((rest.1, rest.2)) == Array(all[cut..<end])
                    if !isRight { Issue.record("cut at \(cut) of \(range)") }
                }
            }
        }
    }

    @Test func aRingThatNobodyUsedBeginsAnew() {
        let ring = FeedRing(form: .numbered, eventsMax: 4, nextSequence: 1)
        ring.join(nextSequence: 1)
        for number in 1...6 { ring.append(Self.event(number)) }
        ring.leave()
        ring.join(nextSequence: 100)
        #expect([ring.firstSequence, ring.nextSequence] == [100, 100])
        for number in 100...110 { ring.append(Self.event(number)) }
        #expect(ring.firstSequence == 107)
        ring.join(nextSequence: 111)
        #expect(ring.firstSequence == 107)
        let expected = (107...110).map { Self.bytes(of: Self.event($0), UInt64($0), in: .numbered) }
        #expect(Self.bytes(ring.events(107..<111)) == Array(expected.joined()))
    }
}
