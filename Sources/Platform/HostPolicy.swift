import Bytes
import HTTP1

/// Which hosts a request may be for.
///
/// A page of a stranger can point a name of its own at 127.0.0.1 and so have a browser talk to this server as
/// if it were the page's own (DNS rebinding). The name is then in `Host`, which no script can set.
struct HostPolicy: ~Copyable {
    private let allowed: [[UInt8]]
    private let isOpen: Bool
    /// The last authority that was accepted: most requests have the same.
    private var lastAccepted = RememberedBytes(bytesMax: 64)

    /// - Parameters:
    ///   - isEnforced: whether the server is bound to loopback; else every host is taken.
    ///   - allowed: further hosts, in lower case, with a port or for every port; `*` for all.
    init(isEnforced: Bool, allowed: [String]) {
        isOpen = !isEnforced || allowed.contains("*")
        self.allowed = allowed.map { Array($0.utf8) }
    }

    /// Whether a request for this authority is served; an empty one is what HTTP/1.0 may leave out.
    mutating func accepts(_ authority: Span<UInt8>) -> Bool {
        if isOpen || authority.count == 0 || lastAccepted.matches(authority) { return true }
        guard isKnown(authority) else { return false }
        lastAccepted.remember(authority)
        return true
    }

    private func isKnown(_ authority: Span<UInt8>) -> Bool {
        guard let hostEnd = Authority.hostEnd(authority) else { return false }
        let host = authority.extracting(0..<hostEnd)
        if HostName.isLoopback(host) { return true }
        for entry in allowed {
            let entry = entry.span
            if HostName.areEqual(entry, authority) || HostName.areEqual(entry, host) { return true }
        }
        return false
    }
}
