/// What this is a version of: told by `--version`, `/health` and `/metrics`, by the program and the library.
public enum ProductVersion {
    /// The version (https://semver.org).
    public static let text = "0.3.0"
}
