/// What the command line gives.
///
/// Most command lines are plain: known flags, each once, with a value where it takes one. These are read
/// here, in a few microseconds. All others, and help, are ArgumentParser's, which takes half of the time in
/// which the server starts to learn by reflection what flags there are.
struct GivenFlags {
    private static let options: [(name: String, text: @Sendable (Flags) -> String?)] = [
        ("host", { $0.host }), ("port", { $0.port }), ("min-delay-ms", { $0.minDelayMs }),
        ("max-delay-ms", { $0.maxDelayMs }), ("delay-seed", { $0.delaySeed }),
        ("max-orders", { $0.maxOrders }), ("max-connections", { $0.maxConnections }),
        ("allowed-origins", { $0.allowedOrigins }), ("allowed-hosts", { $0.allowedHosts }),
        ("redis", { $0.redis }), ("access-log", { $0.accessLog }), ("log-level", { $0.logLevel }),
    ]
    private static let switches: [(name: String, isOn: @Sendable (Flags) -> Bool)] = [
        ("control", { $0.control }), ("health-check", { $0.healthCheck }),
    ]

    /// The texts of the options and whether the switches are on, in the order of the tables.
    private var texts = [String?](repeating: nil, count: options.count)
    private var areOn = [Bool](repeating: false, count: switches.count)

    /// What ArgumentParser has read.
    init(_ flags: Flags) {
        texts = GivenFlags.options.map { $0.text(flags) }
        areOn = GivenFlags.switches.map { $0.isOn(flags) }
    }

    /// Reads a plain command line, without the program's name; nil for any other one.
    init?(plain arguments: some Sequence<String>) {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            guard argument.utf8.starts(with: "--".utf8) else { return nil }
            let word = argument.utf8.dropFirst(2)
            let name = word.prefix { $0 != UInt8(ascii: "=") }
            if let index = GivenFlags.switches.firstIndex(where: { name.elementsEqual($0.name.utf8) }) {
                guard name.endIndex == word.endIndex, !areOn[index] else { return nil }
                areOn[index] = true
                continue
            }
            guard let index = GivenFlags.options.firstIndex(where: { name.elementsEqual($0.name.utf8) }),
                texts[index] == nil
            else { return nil }
            let isOneWord = name.endIndex != word.endIndex
            guard let text = isOneWord ? String(word[name.endIndex...].dropFirst()) : rest.next(),
                let first = text.utf8.first, first != UInt8(ascii: "-")
            else { return nil }
            texts[index] = text
        }
    }

    /// The text of an option of that name; nil where it was not given.
    subscript(option: String) -> String? {
        guard let index = GivenFlags.options.firstIndex(where: { $0.name == option }) else {
            preconditionFailure("no option is called \(option)")
        }
        return texts[index]
    }

    /// Whether a switch of that name was given.
    func isOn(_ name: String) -> Bool {
        guard let index = GivenFlags.switches.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("no switch is called \(name)")
        }
        return areOn[index]
    }
}
