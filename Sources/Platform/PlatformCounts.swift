import HTTP1
import Orders
import Sessions

/// What the platform has counted since it was made.
struct PlatformCounts: ~Copyable {
    /// How long turns of the loop took.
    var turns = DurationHistogram()
    /// Orders that were refused because the store was full.
    var refusedOrders: UInt64 = 0
    private var answers = AnswerCounts(kindCount: Route.placeCount * Method.count)

    /// Counts an answer.
    @inline(__always)
    mutating func countAnswer(_ place: Int, _ method: Method, _ status: Status) {
        answers.count(status, ofKind: PlatformCounts.kind(place, method))
    }

    /// How many answers of that status were given to requests of that method on the routes in a place.
    func answers(_ place: Int, _ method: Method, _ status: Status) -> UInt64 {
        answers[status, ofKind: PlatformCounts.kind(place, method)]
    }

    @inline(__always)
    private static func kind(_ place: Int, _ method: Method) -> Int {
        place &* Method.count &+ Int(method.rawValue)
    }
}
