import Reactor
import Sessions

/// A socket is a session's transport as it is.
extension TCPConnection: @LoopActor Transport {}

/// A session is a socket's handler, once it is told the time.
extension Session: @LoopActor TCPConnectionHandler {
    /// Takes what the socket read.
    public func received(_ bytes: UnsafeMutableBufferPointer<UInt8>, atNanoseconds now: UInt64) {
        host.advance(toNanoseconds: now)
        received(bytes, headroomBytes: host.limits.headroomBytes)
    }
}
