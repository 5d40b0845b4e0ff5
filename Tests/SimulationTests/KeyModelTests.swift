import Testing
@testable import Simulation

/// Keys as they have to be remembered.
@Suite struct KeyModelTests {
    private static let tenMinutes: UInt64 = 600_000_000_000

    @Test func aKeyIsKnownForTenMinutes() {
        var keys = KeyModel(countMax: 2)
        keys.remember("a", id: 4, 7)
        #expect(keys.orderID("a", Self.tenMinutes + 6) == 4)
        #expect(keys.orderID("b", 8) == nil)
        #expect(keys.orderID("a", Self.tenMinutes + 7) == nil)
    }

    @Test func theOldestGoesFirst() {
        var keys = KeyModel(countMax: 2)
        for (id, key) in ["a", "b", "c"].enumerated() { keys.remember(key, id: id, UInt64(id)) }
        #expect(keys.orderID("a", 3) == nil && keys.orderID("b", 3) == 1 && keys.orderID("c", 3) == 2)
        #expect(keys.firstExpiryNanoseconds == Self.tenMinutes + 1)
    }
}
