/// One setting's text, from its flag or else from its environment variable.
struct Setting {
    /// What the user called it: `--port` or `PORT`.
    let name: String
    /// The text, without blanks around it.
    let text: String

    /// The setting as it was given; nil where it was not. An empty variable is one that was not given, as
    /// container tools pass them.
    init?(flag: String?, option: String, environment: (String) -> String?) {
        let letters = option.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 & 0b1101_1111 }
        let variable = String(decoding: letters, as: UTF8.self)
        self.init(flag: flag, name: "--\(option)", variable: variable, environment: environment)
    }

    /// The same for a flag and a variable that have different names.
    init?(flag: String?, name option: String, variable: String, environment: (String) -> String?) {
        if let flag {
            name = option
            text = flag
        } else if let value = environment(variable), !value.isEmpty {
            name = variable
            text = value
        } else {
            return nil
        }
    }

    /// The text as a whole number in a range.
    func number<Number: FixedWidthInteger>(in range: ClosedRange<Number>) throws(SettingError) -> Number {
        guard let number = Number(text), range.contains(number) else {
            throw SettingError(
                description:
                    "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'."
            )
        }
        return number
    }

    /// The text as yes or no.
    func boolean() throws(SettingError) -> Bool {
        switch text.lowercased() {
        case "1", "true", "yes", "on": return true
        case "0", "false", "no", "off": return false
        default:
            throw SettingError(
                description: "\(name) must be 1, true, yes, on, 0, false, no or off, not '\(text)'.")
        }
    }

    /// The text as a list with commas, in lower case.
    var list: [String] {
        text.lowercased().split(separator: ",").map { entry in
            String(entry.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }

    /// An error for an entry of the list.
    func invalid(_ entry: String, _ wanted: String) -> SettingError {
        SettingError(description: "\(name) must list \(wanted), not '\(entry)'.")
    }
}
