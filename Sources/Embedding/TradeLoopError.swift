import Reactor

/// What a server in this process cannot do, each with a sentence for a person.
public enum TradeLoopError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A setting or an argument has a value that it cannot have: a sentence that names it, its limits and the
    /// value.
    case invalidValue(String)
    /// The address to listen on is in use.
    case addressTaken(host: String, port: UInt16)
    /// The server cannot listen for another reason, which the system gives.
    case cannotListen(host: String, port: UInt16, reason: String)
    /// The server has stopped, or is being stopped.
    case serverStopped
    /// Whoever iterates over the events was so slow, or began so far back, that the log no longer holds what
    /// comes after the event `after`.
    case eventsPassed(after: Int, held: ClosedRange<Int>)
    /// Events were asked for after one that has not happened.
    case eventUnknown(Int, last: Int)
    /// The market was reset by `POST /control/reset`: its events are counted from 1 again.
    case marketReset

    init(_ error: UVError, host: String, port: UInt16) {
        self =
            error == .addressInUse
            ? .addressTaken(host: host, port: port)
            : .cannotListen(host: host, port: port, reason: error.description)
    }

    /// One sentence, or two.
    public var description: String {
        switch self {
        case .invalidValue(let sentence):
            sentence
        case .addressTaken(let host, let port):
            "Port \(port) on \(host) is in use; choose another, or 0 for a free one."
        case .cannotListen(let host, let port, let reason):
            "The server cannot listen to port \(port) on \(host): \(reason)."
        case .serverStopped:
            "The server has stopped."
        case .eventsPassed(let after, let held):
            "The events after \(after) are gone: the log holds \(held.lowerBound) to \(held.upperBound). "
                + "Follow them faster."
        case .eventUnknown(let sequence, let last):
            "There are no events after \(sequence): the last one is \(last)."
        case .marketReset:
            "The market was reset, and its events are counted from 1 again."
        }
    }
}
