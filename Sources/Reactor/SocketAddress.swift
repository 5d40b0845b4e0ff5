import CLibUV

/// An IPv4 or IPv6 address with a port.
public struct SocketAddress: Sendable, CustomStringConvertible {
    var storage = sockaddr_storage()

    /// The address of a host: an IPv4 or IPv6 literal (`::1`, `[::1]`), or a name that the system resolves.
    ///
    /// Resolving a name blocks: for start-up only.
    ///
    /// - Throws: `UVError` when there is no such host.
    public init(host: String, port: UInt16) throws(UVError) {
        var literal = Substring(host)
        if literal.hasPrefix("["), literal.hasSuffix("]") { literal = literal.dropFirst().dropLast() }
        // Its one meaning here; a static program cannot rely on being able to ask the system for it.
        let name = literal == "localhost" ? "127.0.0.1" : String(literal)
        var address = sockaddr_storage()
        let isLiteral = withUnsafeMutableBytes(of: &address) { bytes in
            uv_ip4_addr(name, Int32(port), bytes.baseAddress!.assumingMemoryBound(to: sockaddr_in.self)) == 0
                || uv_ip6_addr(
                    name, Int32(port), bytes.baseAddress!.assumingMemoryBound(to: sockaddr_in6.self)) == 0
        }
        storage = isLiteral ? address : try SocketAddress.resolve(name, port: port)
    }

    init(storage: sockaddr_storage) { self.storage = storage }

    private static func resolve(_ name: String, port: UInt16) throws(UVError) -> sockaddr_storage {
        var loop = uv_loop_t()
        try UVError.check(uv_loop_init(&loop))
        defer { uv_loop_close(&loop) }
        var request = uv_getaddrinfo_t()
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        try UVError.check(uv_getaddrinfo(&loop, &request, nil, name, String(port), &hints))
        defer { uv_freeaddrinfo(request.addrinfo) }
        guard let first = request.addrinfo, let found = first.pointee.ai_addr else {
            throw UVError(code: UV_EAI_NONAME.rawValue)
        }
        var address = sockaddr_storage()
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes.copyMemory(
                from: UnsafeRawBufferPointer(start: found, count: Int(first.pointee.ai_addrlen)))
        }
        return address
    }

    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        withUnsafeBytes(of: storage) { body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self)) }
    }

    private var isVersion6: Bool { Int32(storage.ss_family) == AF_INET6 }

    /// The port.
    public var port: UInt16 {
        withUnsafeBytes(of: storage) { bytes in
            UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        }
    }

    /// Whether only this machine can reach it: 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        withUnsafeBytes(of: storage) { bytes in
            if isVersion6 {
                return bytes[8..<23].allSatisfy { $0 == 0 } && bytes[23] == 1
            }
            return bytes[4] == 127
        }
    }

    /// The address without its port, an IPv6 one in brackets, as it stands in a URL.
    public var host: String { isVersion6 ? "[\(number)]" : number }

    /// The address without its port.
    var number: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        withSockaddr { address in
            let raw = UnsafeRawPointer(address)
            if isVersion6 {
                uv_ip6_name(raw.assumingMemoryBound(to: sockaddr_in6.self), &text, text.count)
            } else {
                uv_ip4_name(raw.assumingMemoryBound(to: sockaddr_in.self), &text, text.count)
            }
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `host:port`.
    public var description: String { "\(host):\(port)" }
}
