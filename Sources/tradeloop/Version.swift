/// The version of this program, told by `--version` and `/health`.
let version = "0.3.0"
