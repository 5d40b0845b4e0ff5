extension Int64 {
    /// A number that is not negative, in digits alone; nil for everything else and for what is too large.
    init?(digits text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        self.init(text)
    }
}
