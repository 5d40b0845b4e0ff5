import Testing

/// Servers in this process. One test at a time, as some count what the process holds.
@Suite(.serialized) struct EmbeddingTests {}
