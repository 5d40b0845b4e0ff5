import Glibc
import Reactor

/// Asks the server that the settings name whether it is well: what a container's health check runs, as there
/// is no other program beside this one.
@LoopActor
final class HealthCheck: TCPConnectionHandler {
    /// After so long without an answer, in milliseconds, the server is not well.
    private static let patienceMilliseconds: UInt64 = 3_000

    private let loop: Loop
    private var timer: LoopTimer!
    private var connection: TCPConnection?
    private var answer: [UInt8] = []
    private(set) var isWell = false

    private init(loop: Loop) { self.loop = loop }

    /// Whether the server answers `GET /health` with 200.
    static func isWell(_ settings: Settings) -> Bool {
        do throws(UVError) {
            let anyHost = ["0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1"]
            let host = anyHost[settings.host] ?? settings.host
            let address = try SocketAddress(host: host, port: settings.port)
            let loop = try Loop(receiveBytes: 4_096, receiveHeadroomBytes: 0)
            let check = HealthCheck(loop: loop)
            check.run(address)
            return check.isWell
        } catch {
            return false
        }
    }

    private func run(_ address: SocketAddress) {
        timer = LoopTimer(loop: loop) { [unowned self] in end() }
        timer.arm(atNanoseconds: loop.nowNanoseconds + Self.patienceMilliseconds * 1_000_000)
        TCPConnecting.connect(to: address, on: loop) { [unowned self] result in
            guard case .success(let connection) = result else { return end() }
            self.connection = connection
            connection.start(with: self)
            let request = "GET /health HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n"
            Array(request.utf8).withUnsafeBytes { bytes in
                _ = connection.tryWrite(bytes, UnsafeRawBufferPointer(start: nil, count: 0))
            }
        }
        loop.run()
    }

    private func end() {
        isWell = answer.starts(with: "HTTP/1.1 200 ".utf8)
        timer.close()
        connection?.close()
        connection = nil
        loop.stop()
    }

    func received(_ bytes: UnsafeMutableBufferPointer<UInt8>, atNanoseconds now: UInt64) { answer += bytes }
    func receivedEnd() { end() }
    func drained() {}
    func closed() { end() }
}
