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
        let name = SocketAddress.name(of: host)
        if let literal = SocketAddress.literal(name, port: port) {
            storage = literal
        } else {
            storage = try SocketAddress.resolve(name, port: port)
        }
    }

    private static func name(of host: String) -> String {
        var literal = Substring(host)
        if literal.hasPrefix("["), literal.hasSuffix("]") { literal = literal.dropFirst().dropLast() }
        // Its one meaning here; a static program cannot rely on being able to ask the system for it.
        return literal == "localhost" ? "127.0.0.1" : String(literal)
    }

    private static func literal(_ name: String, port: UInt16) -> sockaddr_storage? {
        var address = sockaddr_storage()
        let isLiteral = withUnsafeMutableBytes(of: &address) { bytes in
            uv_ip4_addr(name, Int32(port), bytes.baseAddress!.assumingMemoryBound(to: sockaddr_in.self)) == 0
                || uv_ip6_addr(
                    name, Int32(port), bytes.baseAddress!.assumingMemoryBound(to: sockaddr_in6.self)) == 0
        }
        return isLiteral ? address : nil
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
        guard let address = first(of: request.addrinfo) else { throw UVError(code: UV_EAI_NONAME.rawValue) }
        return address
    }

    private static func first(of list: UnsafeMutablePointer<addrinfo>?) -> sockaddr_storage? {
        guard let first = list, let found = first.pointee.ai_addr else { return nil }
        var address = sockaddr_storage()
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes.copyMemory(
                from: UnsafeRawBufferPointer(start: found, count: Int(first.pointee.ai_addrlen)))
        }
        return address
    }

    /// Finds the address of a host without blocking the loop: libuv asks the system elsewhere. `found` is
    /// called once, at once where the host is a literal, with the address or the reason why there is none.
    @LoopActor
    public static func find(
        host: String, port: UInt16, on loop: Loop,
        found: @escaping @LoopActor (Result<SocketAddress, UVError>) -> Void
    ) {
        let name = name(of: host)
        if let storage = literal(name, port: port) {
            found(.success(SocketAddress(storage: storage)))
            return
        }
        let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(Finding(found)).toOpaque()
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        let result = uv_getaddrinfo(
            loop.handle, request,
            { request, status, list in
                let finding = Unmanaged<Finding>.fromOpaque(request!.pointee.data!).takeRetainedValue()
                request!.deallocate()
                let address = SocketAddress.first(of: list)
                uv_freeaddrinfo(list)
                if status == 0, let address {
                    finding.found(.success(SocketAddress(storage: address)))
                } else {
                    finding.found(.failure(UVError(code: status == 0 ? UV_EAI_NONAME.rawValue : status)))
                }
            }, name, String(port), &hints)
        if result != 0 {
            Unmanaged<Finding>.fromOpaque(request.pointee.data!).release()
            request.deallocate()
            found(.failure(UVError(code: result)))
        }
    }

    /// A question that is on its way.
    private final class Finding {
        let found: @LoopActor (Result<SocketAddress, UVError>) -> Void

        init(_ found: @escaping @LoopActor (Result<SocketAddress, UVError>) -> Void) { self.found = found }
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
