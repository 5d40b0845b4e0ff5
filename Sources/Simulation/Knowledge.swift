/// What clients have been told, and may come back to.
struct Knowledge {
    var orderCount = 0
    var firstSequence = 1
    var lastSequence = 0
    /// Tags of orders, some of them of states that are past.
    var tags: [(id: Int, tag: String)] = []
    /// Orders that were placed under a key.
    var keyed: [Placement] = []
    /// Who has left the feed, with the last number heard.
    var leavers: [Following] = []

    private static let keptMax = 24

    mutating func note(tag: String, of id: Int, _ generator: inout SeededGenerator) {
        Knowledge.keep((id, tag), in: &tags, &generator)
    }

    mutating func note(_ placement: Placement, _ generator: inout SeededGenerator) {
        Knowledge.keep(placement, in: &keyed, &generator)
    }

    mutating func note(_ leaver: Following, _ generator: inout SeededGenerator) {
        Knowledge.keep(leaver, in: &leavers, &generator)
    }

    private static func keep<Thing>(
        _ thing: Thing, in things: inout [Thing], _ generator: inout SeededGenerator
    ) {
        if things.count < keptMax { things.append(thing) } else { things[generator.below(keptMax)] = thing }
    }
}
