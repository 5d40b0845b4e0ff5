import Bytes

/// Output that the transport has not taken yet. It does not change, as the kernel may be reading it.
final class PendingOutput {
    private var writer: ByteWriter
    /// How many bytes the peer had not taken when that was last looked at.
    var untakenBytes: Int

    init(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) {
        writer = ByteWriter(capacity: first.count + second.count)
        writer.append(first)
        writer.append(second)
        untakenBytes = writer.count
    }

    var bytes: UnsafeRawBufferPointer { writer.unsafeBytes }
}
