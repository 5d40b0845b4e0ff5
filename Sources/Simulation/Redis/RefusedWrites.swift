/// Which of a script's writes a Redis in need refuses, up to the first one that it has done.
enum RefusedWrites {
    /// Those that take memory.
    case takingMemory
    /// All, as it could not keep them: its disk is full.
    case all
    /// All, as it is a replica by now.
    case asReplica

    /// What it says.
    var words: String {
        switch self {
        case .takingMemory: "OOM command not allowed when used memory > 'maxmemory'."
        case .all: "MISCONF Redis is configured to save RDB snapshots, but cannot persist to disk."
        case .asReplica: "READONLY You can't write against a read only replica."
        }
    }
}
