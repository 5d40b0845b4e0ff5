import Orders
@testable import Platform
import TestKit

/// A whole platform on a network of its own.
///
/// Its clock stands at Sun, 06 Nov 1994 08:49:37 GMT until ``advance(milliseconds:)``.
final class Venue {
    let platform: Platform
    let network: Network

    /// A platform with that seed for its delays, and settings that may be changed.
    init(seed: UInt64 = 1, _ change: (inout PlatformSettings) -> Void = { _ in }) {
        var settings = PlatformSettings()
        settings.delaySeed = seed
        change(&settings)
        platform = Platform(settings: settings)
        network = Network(host: platform.host)
    }

    func connect(_ line: Line = Line()) -> Client { network.connect(line) }
    func advance(milliseconds: UInt64) { network.advance(milliseconds: milliseconds) }

    /// A client that listens to the feed, and has read the answer to its handshake.
    func subscribe(_ line: Line = Line()) -> Client {
        let client = connect(line)
        client.openWebSocket()
        return client
    }

    /// Places orders as if by requests, without the cost of them.
    func place(_ count: Int) {
        for _ in 0..<count { _ = platform.store.place("AAPL", at: platform.host.nowNanoseconds) }
    }

    /// What an order is for.
    func stocks(of id: Int64) -> String? {
        platform.store.order(id).map { String(decoding: $0.stocks, as: UTF8.self) }
    }

    /// The number of the last event.
    var lastSequence: UInt64 { platform.store.log.lastSequence }

    /// The frames of some events, by another way than the platform's.
    func frames(of sequences: ClosedRange<UInt64>) -> [UInt8] {
        var bytes: [UInt8] = []
        for sequence in sequences {
            let event = platform.store.log[sequence]
            let text = #"{"orderId": \#(event.orderID), "orderStatus": "\#(event.status.name)"}"#
            bytes += [0x81, UInt8(text.utf8.count)] + Array(text.utf8)
        }
        return bytes
    }
}

extension OrderStore {
    fileprivate mutating func place(_ stocks: StaticString, at nanoseconds: UInt64) -> Placement {
        let bytes = UnsafeBufferPointer(start: stocks.utf8Start, count: stocks.utf8CodeUnitCount)
        return place(stocks: bytes.span, quantity: 10, at: nanoseconds)
    }
}
