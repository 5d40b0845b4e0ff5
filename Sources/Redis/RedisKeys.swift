import Bytes

/// The names of what is kept. All have one hash tag, so that a cluster keeps them in one place.
public enum RedisKeys {
    /// A hash: which market it is, how many orders there are, the number of the last event.
    public static let market = "{tradeloop}:market"
    /// A sorted set: the ids of the orders that wait for their execution, by the time at which it is due, in
    /// milliseconds since 1970.
    public static let due = "{tradeloop}:due"
    /// A stream: the last events, each under its number.
    public static let feed = "{tradeloop}:feed"
    /// What the names of the blocks of orders begin with: hashes of `MarketBlock.ordersMax` orders.
    public static let orders = "{tradeloop}:orders:"
    /// What the names of idempotency keys begin with, each of which holds the id of its order for a while.
    public static let idempotency = "{tradeloop}:key:"

    /// The SHA-1 of bytes in hexadecimal digits: Redis names scripts by it, and we the idempotency keys,
    /// which may be long.
    static func digest(of bytes: [UInt8]) -> [UInt8] {
        let hexadecimal = Array("0123456789abcdef".utf8)
        let digest = SHA1.digest(bytes.span)
        return digest.indices.flatMap { index in
            [hexadecimal[Int(digest[index] >> 4)], hexadecimal[Int(digest[index] & 15)]]
        }
    }
}
