import Bytes
import HTTP1

/// Which web pages may trade. curl and trading clients send no `Origin`; browsers send that of the page, for
/// every cross-site request (the Fetch standard, section 3.2).
struct OriginPolicy {
    /// What an origin may do.
    enum Verdict {
        /// There is none: no browser, or nothing that changes something.
        case absent
        /// It may read and trade.
        case allowed
        /// It may do neither.
        case foreign
    }

    private let allowed: [[UInt8]]
    private let isOpen: Bool

    /// - Parameter allowed: origins in lower case, such as `https://desk.example`; `*` for all.
    init(allowed: [String]) {
        isOpen = allowed.contains("*")
        self.allowed = allowed.map { Array($0.utf8) }
    }

    /// The verdict on the origin of a request for `authority`.
    func verdict(on origin: Span<UInt8>, for authority: Span<UInt8>) -> Verdict {
        if isOpen { return .allowed }
        for entry in allowed where HostName.areEqual(entry.span, origin) { return .allowed }
        guard let (start, port) = OriginPolicy.authorityStart(in: origin) else { return .foreign }
        let page = origin.extracting(start..<origin.count)
        guard Authority.isValid(page), page[page.count - 1] != ASCII.colon,
            let hostEnd = Authority.hostEnd(page)
        else { return .foreign }
        if HostName.isLoopback(page.extracting(0..<hostEnd)) { return .allowed }
        if HostName.areEqual(page, authority) { return .allowed }
        // A browser leaves the scheme's own port out of both; a client may name it in one.
        return authority.count == page.count + port.utf8CodeUnitCount
            && HostName.areEqual(page, authority.extracting(0..<page.count))
            && authority.extracting(page.count..<authority.count).equals(port) ? .allowed : .foreign
    }

    /// Where the host begins in an origin, and the port that its scheme has if none is named.
    private static func authorityStart(in origin: Span<UInt8>) -> (Int, StaticString)? {
        if origin.count > 7, origin.extracting(0..<7).equalsLowercase("http://") { return (7, ":80") }
        if origin.count > 8, origin.extracting(0..<8).equalsLowercase("https://") { return (8, ":443") }
        return nil
    }
}
