/// A setting with a value that it cannot have.
struct SettingError: Error, CustomStringConvertible {
    /// One sentence that names the setting, the limit and the value.
    let description: String
}
