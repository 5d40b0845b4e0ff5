/// What an operator may want to hear of a market in Redis.
public enum RedisNotice: Equatable, Sendable {
    /// Redis is there, and the market is open.
    case here
    /// It cannot be reached, or does not let us in; attempts go on.
    case away(String)
    /// The market is another one than before, or its last events are lost.
    case replaced
}
