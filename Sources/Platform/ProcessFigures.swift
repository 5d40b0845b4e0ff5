/// What the system says of the process: the platform knows none, so its driver tells it.
public struct ProcessFigures: Sendable {
    /// Memory that is resident, in bytes.
    public var residentBytes: UInt64
    /// Processor time so far, the process's own and the kernel's for it, in microseconds.
    public var processorMicroseconds: UInt64
    /// Descriptors that are open; nil where the system would take long to count them.
    public var openDescriptors: Int?
    /// Descriptors that may be open.
    public var descriptorsMax: Int
    /// When the process began, in microseconds since 1970-01-01T00:00:00Z.
    public var startUnixMicroseconds: Int64

    /// Figures of one moment.
    public init(
        residentBytes: UInt64, processorMicroseconds: UInt64, openDescriptors: Int?, descriptorsMax: Int,
        startUnixMicroseconds: Int64
    ) {
        self.residentBytes = residentBytes
        self.processorMicroseconds = processorMicroseconds
        self.openDescriptors = openDescriptors
        self.descriptorsMax = descriptorsMax
        self.startUnixMicroseconds = startUnixMicroseconds
    }
}
