import Reactor
import Sessions

/// Writes the access log to its file: one write at a time, while the next lines collect.
@LoopActor
public final class AccessLogWriter {
    /// The lines.
    public let log: AccessLog
    /// Where they are written.
    public let file: LogFile

    /// A writer of a log's lines.
    public init(_ log: AccessLog, to file: LogFile) {
        self.log = log
        self.file = file
    }

    /// Begins to write what waits, if nothing is being written.
    func write() {
        guard let bytes = log.beginWriting() else { return }
        file.write(bytes) { [self] error in
            log.endWriting(succeeded: error == nil)
        }
    }
}
