import CLibUV

/// A refusal from libuv or the system behind it.
public struct UVError: Error, Equatable, CustomStringConvertible {
    /// libuv's negative error number, such as `UV_EADDRINUSE`.
    public let code: Int32

    /// An error by libuv's number for it.
    public init(code: Int32) { self.code = code }

    /// The system's sentence for it, such as "address already in use".
    public var description: String { String(cString: uv_strerror(code)) }

    /// The address is taken by another socket.
    public static let addressInUse = UVError(code: UV_EADDRINUSE.rawValue)
    /// The system does not let this user have the address.
    public static let accessDenied = UVError(code: UV_EACCES.rawValue)
    /// The address is not one of this machine's.
    public static let addressNotAvailable = UVError(code: UV_EADDRNOTAVAIL.rawValue)

    /// Throws where libuv answered with an error.
    static func check(_ result: Int32) throws(UVError) {
        if result < 0 { throw UVError(code: result) }
    }
}
