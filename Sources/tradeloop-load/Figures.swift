import Histogram

/// What a run has measured, for people and for programs.
struct Figures {
    /// One figure by its name, unit last, as in JSON.
    struct Entry {
        let name: String
        let value: Double
    }

    private(set) var entries: [Entry] = []
    /// Latencies in nanoseconds, where the load has some.
    var latencies: Histogram<UInt64>?

    mutating func add(_ name: String, _ value: Double) {
        entries.append(Entry(name: name, value: value))
    }

    static let percentiles: [Double] = [50, 75, 90, 99, 99.9, 99.99, 100]

    /// The figures with the latencies' percentiles, in microseconds.
    private var all: [Entry] {
        guard let latencies, latencies.totalCount > 0 else { return entries }
        return entries + [Entry(name: "latencyMeanMicroseconds", value: latencies.mean / 1_000)]
            + Figures.percentiles.map { percentile in
                let name = percentile == 100 ? "Max" : "P\(Figures.plain(percentile))"
                let value = Double(latencies.valueAtPercentile(percentile)) / 1_000
                return Entry(name: "latency\(name)Microseconds", value: value)
            }
    }

    /// A number without a fraction that says nothing.
    static func plain(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        let scaled = (value * 1_000).rounded() / 1_000
        return String(scaled)
    }

    /// One object, on one line.
    var json: String {
        "{" + all.map { "\"\($0.name)\": \(Figures.plain($0.value))" }.joined(separator: ", ") + "}\n"
    }

    /// A line for each figure.
    var table: String {
        let width = all.map(\.name.count).max() ?? 0
        return all.map { entry in
            entry.name + String(repeating: " ", count: width - entry.name.count) + "  "
                + Figures.plain(entry.value) + "\n"
        }.joined()
    }

    /// The latencies over the percentiles, on a scale that gives each nine its own width.
    var svg: String {
        guard let latencies, latencies.totalCount > 0 else {
            return "<svg xmlns='http://www.w3.org/2000/svg'/>\n"
        }
        let ticks: [Double] = [0, 50, 90, 99, 99.9, 99.99]
        let top = max(1, Double(latencies.valueAtPercentile(99.99)) / 1_000)
        func x(_ percentile: Double) -> Double {
            // log2 of 1 / (1 - p): 50 % is 1, 99.99 % is 13.3.
            var rest = 1 - percentile / 100
            var halves = 0.0
            while rest < 0.5 {
                rest *= 2
                halves += 1
            }
            return 60 + (halves + (1 - rest) * 2) * 40
        }
        func y(_ microseconds: Double) -> Double { 260 - microseconds / top * 230 }
        var points = ""
        for item in latencies.percentiles(ticksPerHalfDistance: 5) where item.percentile <= 99.99 {
            points += "\(Figures.plain(x(item.percentile))),\(Figures.plain(y(Double(item.value) / 1_000))) "
        }
        var marks = ""
        for tick in ticks {
            marks += "<text x='\(x(tick))' y='280' text-anchor='middle'>\(Figures.plain(tick)) %</text>"
        }
        for part in 0...4 {
            let value = top * Double(part) / 4
            marks +=
                "<text x='54' y='\(y(value) + 4)' text-anchor='end'>\(Figures.plain(value.rounded()))</text>"
            marks += "<path d='M60 \(y(value))H620' stroke='#8884'/>"
        }
        return """
            <svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 640 300' font-family='sans-serif' font-size='12'>\
            <rect width='640' height='300' fill='#fff'/><text x='60' y='18'>Latency in microseconds, by percentile\
            </text>\(marks)<polyline points='\(points)' fill='none' stroke='#06c' stroke-width='2'/></svg>\n
            """
    }
}
