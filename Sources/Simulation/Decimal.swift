/// Numbers of three decimals, as a person writes them.
enum Decimal {
    static func text(_ thousandths: UInt64) -> String {
        let whole = "\(thousandths / 1_000)"
        guard thousandths % 1_000 > 0 else { return whole }
        var digits = "\(1_000 + thousandths % 1_000)".dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}
