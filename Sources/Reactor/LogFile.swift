import CLibUV

/// A file that lines are appended to, or standard output, without the loop ever waiting for the disk.
@LoopActor
public final class LogFile {
    /// Called with the outcome of a request, on the loop.
    public typealias Completion = @LoopActor (UVError?) -> Void

    private let loop: Loop
    private let path: String
    private var file: uv_file
    private var writing: Completion?
    private var reopening: Completion?
    /// What has not been written yet of what is being written.
    private var rest = UnsafeRawBufferPointer(start: nil, count: 0)
    /// A file that has been replaced while it was being written to: what is left of the run goes there too.
    private var retired: uv_file?
    private let writeRequest: UnsafeMutablePointer<uv_fs_t>
    private let openRequest: UnsafeMutablePointer<uv_fs_t>

    private static let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
    private static let mode: Int32 = 0o644

    /// Opens a file to append to, and makes it where there is none; `-` is standard output.
    ///
    /// Opening blocks: for start-up only.
    ///
    /// - Throws: `UVError` where the file cannot be opened.
    public init(loop: Loop, path: String) throws(UVError) {
        self.loop = loop
        self.path = path
        if path == "-" {
            file = 1
        } else {
            var request = uv_fs_t()
            file = uv_fs_open(loop.handle, &request, path, LogFile.flags, LogFile.mode, nil)
            uv_fs_req_cleanup(&request)
            try UVError.check(file)
        }
        writeRequest = .allocate(capacity: 1)
        openRequest = .allocate(capacity: 1)
    }

    /// Whether a file is written to, that may be replaced by another of its name.
    public var isFile: Bool { path != "-" }
    /// Whether a request to the system has not been answered.
    public var isBusy: Bool { writing != nil || reopening != nil }

    /// Appends bytes, which must stay as they are until `written` is called. One run at a time.
    public func write(_ bytes: UnsafeRawBufferPointer, written: @escaping Completion) {
        precondition(writing == nil)
        writing = written
        rest = bytes
        writeRest()
    }

    private func writeRest() {
        var buffer = uv_buf_t(
            base: UnsafeMutableRawPointer(mutating: rest.baseAddress)?.assumingMemoryBound(to: CChar.self),
            len: rest.count)
        writeRequest.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let result = uv_fs_write(loop.handle, writeRequest, retired ?? file, &buffer, 1, -1) { request in
            let result = request!.pointee.result
            let log = Unmanaged<LogFile>.fromOpaque(request!.pointee.data).takeRetainedValue()
            uv_fs_req_cleanup(request)
            log.wrote(result)
        }
        if result < 0 {
            Unmanaged.passUnretained(self).release()
            wrote(Int(result))
        }
    }

    private func wrote(_ result: Int) {
        if result > 0, result < rest.count {
            rest = UnsafeRawBufferPointer(rebasing: rest[result...])
            writeRest()
            return
        }
        if let retired {
            LogFile.close(retired, on: loop)
            self.retired = nil
        }
        let completion = writing
        writing = nil
        completion?(result < 0 ? UVError(code: Int32(result)) : nil)
    }

    /// Opens the file anew by its name: whoever has moved it away wants the next lines in another. The old
    /// one goes on being written to where that fails.
    public func reopen(done: @escaping Completion) {
        guard isFile, reopening == nil else { return }
        reopening = done
        openRequest.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let result = uv_fs_open(loop.handle, openRequest, path, LogFile.flags, LogFile.mode) { request in
            let result = request!.pointee.result
            let log = Unmanaged<LogFile>.fromOpaque(request!.pointee.data).takeRetainedValue()
            uv_fs_req_cleanup(request)
            log.opened(Int32(truncatingIfNeeded: result))
        }
        if result < 0 {
            Unmanaged.passUnretained(self).release()
            opened(result)
        }
    }

    private func opened(_ result: Int32) {
        let completion = reopening
        reopening = nil
        guard result >= 0 else {
            completion?(UVError(code: result))
            return
        }
        // A thread may be writing into the old file; one that came between the two is not in use yet.
        if writing != nil, retired == nil {
            retired = file
        } else {
            LogFile.close(file, on: loop)
        }
        file = result
        completion?(nil)
    }

    /// Gives all back. To be called once, when nothing is being written.
    public func close() {
        precondition(writing == nil && reopening == nil)
        if isFile { LogFile.close(file, on: loop) }
        writeRequest.deallocate()
        openRequest.deallocate()
    }

    private static func close(_ file: uv_file, on loop: Loop) {
        var request = uv_fs_t()
        uv_fs_close(loop.handle, &request, file, nil)
        uv_fs_req_cleanup(&request)
    }
}
