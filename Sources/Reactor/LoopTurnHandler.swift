/// Told when a turn of the loop has nothing left but to wait for the kernel. To be subclassed.
///
/// It is a class because an object of a class can be lent for a call: one that is known by a protocol alone
/// would be counted with each call, by atomic operations, four times in a turn of a few requests.
@LoopActor
open class LoopTurnHandler {
    /// A handler that does nothing.
    public init() {}

    /// What several connections have read has been handed to their handlers, one after another.
    open func inputDelivered() {}

    /// Finishes the turn's work, at this moment of ``Loop/nowNanoseconds``. Answers whether some is left, so
    /// that the loop looks for input but does not sleep before it calls again.
    open func turnEnding(atNanoseconds now: UInt64) -> Bool { false }

    /// The turn has ended, so long after the loop woke from its wait.
    open func turnEnded(afterNanoseconds duration: UInt64) {}
}
