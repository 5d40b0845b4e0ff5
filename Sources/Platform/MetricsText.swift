import Bytes
import HTTP1
import Orders

/// Metrics in Prometheus' text format, version 0.0.4.
struct MetricsText: ~Copyable {
    /// What is written so far.
    private(set) var bytes = ByteWriter(capacity: 16_384)
    /// The family that samples belong to.
    private var name: StaticString = ""

    /// The media type of the text.
    static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    /// What kind of value a family has.
    enum Kind {
        case counter, gauge, histogram

        fileprivate var name: StaticString {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// One label of a sample; its value needs no escape.
    typealias Label = (name: StaticString, value: StaticString)

    /// Begins a family of metrics; its samples follow. `help` needs no escape.
    mutating func family(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
        self.name = name
        bytes.append("# HELP ")
        bytes.append(name)
        bytes.append(ASCII.space)
        bytes.append(help)
        bytes.append("\n# TYPE ")
        bytes.append(name)
        bytes.append(ASCII.space)
        bytes.append(kind.name)
        bytes.append("\n")
    }

    /// Appends a sample with a whole number.
    mutating func sample(_ label: Label? = nil, value: some FixedWidthInteger) {
        beginSample(label)
        bytes.append(decimal: value)
        bytes.append("\n")
    }

    /// Appends a sample of answers. The route needs no escape.
    mutating func answers(
        _ count: UInt64, _ route: UnsafeRawBufferPointer, _ method: Method, _ status: Status
    ) {
        bytes.append(name)
        bytes.append("{route=\"")
        bytes.append(route)
        bytes.append("\",method=\"")
        bytes.append(method.name)
        bytes.append("\",status=\"")
        bytes.append(status.digits)
        bytes.append("\"} ")
        bytes.append(decimal: count)
        bytes.append("\n")
    }

    /// Appends a sample in seconds.
    mutating func sample(microseconds value: UInt64) {
        beginSample(nil)
        appendSeconds(nanoseconds: value * 1_000)
        bytes.append("\n")
    }

    /// Appends a sample with a text as its one label, and 1 as its value.
    mutating func information(_ label: StaticString, _ text: String) {
        bytes.append(name)
        bytes.append("{")
        bytes.append(label)
        bytes.append("=\"")
        for byte in text.utf8 {
            if byte == ASCII.quote || byte == ASCII.backslash { bytes.append(ASCII.backslash) }
            bytes.append(byte == ASCII.lineFeed ? ASCII.space : byte)
        }
        bytes.append("\"} 1\n")
    }

    /// Appends a whole histogram of seconds as a family.
    mutating func histogram(_ name: StaticString, _ help: StaticString, _ histogram: DurationHistogram) {
        family(name, .histogram, help)
        var count: UInt64 = 0
        for index in histogram.counts.indices {
            count += histogram.counts[index]
            bytes.append(name)
            bytes.append("_bucket{le=\"")
            if index < DurationHistogram.boundsNanoseconds.count {
                appendSeconds(nanoseconds: DurationHistogram.boundsNanoseconds[index])
            } else {
                bytes.append("+Inf")
            }
            bytes.append("\"} ")
            bytes.append(decimal: count)
            bytes.append("\n")
        }
        bytes.append(name)
        bytes.append("_sum ")
        appendSeconds(nanoseconds: histogram.sumNanoseconds)
        bytes.append("\n")
        bytes.append(name)
        bytes.append("_count ")
        bytes.append(decimal: count)
        bytes.append("\n")
    }

    private mutating func beginSample(_ label: Label?) {
        bytes.append(name)
        if let label {
            bytes.append("{")
            bytes.append(label.name)
            bytes.append("=\"")
            bytes.append(label.value)
            bytes.append("\"}")
        }
        bytes.append(ASCII.space)
    }

    /// Exactly, without a zero at the end of a fraction.
    private mutating func appendSeconds(nanoseconds: UInt64) {
        bytes.append(decimal: nanoseconds / 1_000_000_000)
        var rest = nanoseconds % 1_000_000_000
        guard rest > 0 else { return }
        bytes.append(".")
        var digit: UInt64 = 100_000_000
        while rest > 0 {
            bytes.append(ASCII.zero + UInt8(rest / digit))
            rest %= digit
            digit /= 10
        }
    }
}
