import Bytes

/// Output that the transport has not taken yet. It does not change, as the kernel may be reading it.
final class PendingOutput {
    private var writer: ByteWriter

    init(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) {
        writer = ByteWriter(capacity: first.count + second.count)
        writer.append(first)
        writer.append(second)
    }

    var bytes: UnsafeRawBufferPointer { writer.unsafeBytes }
}
