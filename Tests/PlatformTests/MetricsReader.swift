/// Reads Prometheus' text format, version 0.0.4, and takes nothing that is not exactly so.
struct MetricsReader {
    /// One family: its kind, its help, and its samples in order.
    struct Family {
        let name: String
        let help: String
        let kind: String
        var samples: [(name: String, labels: [String: String], value: Double)] = []
    }

    /// What is wrong with a text.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var families: [Family] = []

    /// Reads a whole text.
    init(_ text: String) throws {
        guard text.isEmpty || text.hasSuffix("\n") else { throw Fault(description: "no line end at the end") }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        while let line = lines.popFirst() {
            if line.hasPrefix("# HELP ") {
                let help = line.dropFirst(7).split(separator: " ", maxSplits: 1)
                let kind = (lines.popFirst() ?? "").split(separator: " ", omittingEmptySubsequences: false)
                guard help.count == 2, kind.count == 4, kind[0] == "#", kind[1] == "TYPE", kind[2] == help[0],
                    ["counter", "gauge", "histogram"].contains(kind[3]), Self.isName(help[0]),
                    !families.contains(where: { $0.name == help[0] })
                else { throw Fault(description: "not a family: \(line)") }
                families.append(
                    Family(name: String(help[0]), help: String(help[1]), kind: String(kind[3])))
            } else {
                try readSample(line)
            }
        }
        for family in families where family.kind == "histogram" { try Self.check(family) }
    }

    private mutating func readSample(_ line: Substring) throws {
        let fault = Fault(description: "not a sample: \(line)")
        let name = line.prefix { $0 != "{" && $0 != " " }
        var rest = line.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            repeat {
                rest = rest.dropFirst()
                let label = rest.prefix { $0 != "=" }
                rest = rest.dropFirst(label.count)
                guard Self.isName(label), !label.contains(":"), rest.hasPrefix("=\""),
                    labels[String(label)] == nil
                else { throw fault }
                rest = rest.dropFirst(2)
                var value = ""
                while let character = rest.popFirst(), character != "\"" {
                    guard character == "\\" else {
                        value.append(character)
                        continue
                    }
                    guard let escaped = rest.popFirst(), "\\\"n".contains(escaped) else { throw fault }
                    value.append(escaped == "n" ? "\n" : escaped)
                }
                labels[String(label)] = value
            } while rest.first == ","
            guard rest.popFirst() == "}" else { throw fault }
        }
        guard Self.isName(name), rest.popFirst() == " ", let value = Double(rest), let family = families.last,
            name == family.name
                || (family.kind == "histogram"
                    && ["_bucket", "_sum", "_count"].contains { name == family.name + $0 }),
            !family.samples.contains(where: { $0.name == name && $0.labels == labels }),
            family.kind != "counter" || (value >= 0 && name.hasSuffix("_total"))
        else { throw fault }
        families[families.count - 1].samples.append((String(name), labels, value))
    }

    /// Buckets grow, the last is +Inf and equal to the count, and there is a sum.
    private static func check(_ family: Family) throws {
        let buckets = family.samples.filter { $0.name.hasSuffix("_bucket") }
        let bounds = buckets.map { bucket in
            bucket.labels["le"] == "+Inf" ? .infinity : Double(bucket.labels["le"] ?? "") ?? .nan
        }
        let count = family.samples.first { $0.name == family.name + "_count" }
        guard bounds == bounds.sorted(), Set(bounds).count == bounds.count, bounds.last == .infinity,
            buckets.map(\.value) == buckets.map(\.value).sorted(), count?.value == buckets.last?.value,
            family.samples.contains(where: { $0.name == family.name + "_sum" })
        else { throw Fault(description: "not a histogram: \(family.name)") }
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.first, !first.isNumber else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
    }

    /// The value of one sample; nil where there is none.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        families.flatMap(\.samples).first { $0.name == name && $0.labels == labels }?.value
    }
}
