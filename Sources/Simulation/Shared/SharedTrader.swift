/// A connection on which requests are sent to one of several instances.
final class SharedTrader {
    let number: Int
    let client: Client
    let instance: SharedInstance
    /// What is not answered yet.
    var questions: [SharedQuestion] = []
    /// When it was answered last.
    var answeredNanoseconds: UInt64 = 0
    /// How many bytes had arrived when it was last heard.
    var heardCount = 0

    init(number: Int, client: Client, instance: SharedInstance) {
        self.number = number
        self.client = client
        self.instance = instance
    }
}
