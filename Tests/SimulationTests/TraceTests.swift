import Testing
@testable import Simulation

/// What is told of a day that went wrong.
@Suite struct TraceTests {
    @Test(arguments: [0, 1, 49, 50, 51, 99, 100, 101])
    func theLastStepsAreKeptInOrder(count: Int) {
        let trace = Trace()
        for number in 0..<count { trace.note("steps", 1, number) }
        let kept = (max(0, count - Trace.stepsMax)..<count).map { "0.000000 s  client 1  steps  \($0)" }
        #expect(trace.lastSteps == kept)
        #expect(trace.count == count)
    }

    @Test func everythingGoesIntoTheNumber() {
        func hash(_ tell: (Trace) -> Void) -> UInt64 {
            let trace = Trace()
            tell(trace)
            return trace.hash
        }
        func bytes(_ bytes: [UInt8]) -> UInt64 {
            hash { trace in bytes.withUnsafeBytes { trace.absorb($0) } }
        }
        let hashes = [
            hash { _ in }, hash { $0.note("steps") }, hash { $0.note("steps", 1) },
            hash { $0.note("steps", 0, 1) },
            hash { $0.note("stays", 1, 1) },
            hash { trace in
                trace.nanoseconds = 1
                trace.note("steps")
            },
            bytes([1]), bytes([0]), bytes([1, 2, 3, 4, 5, 6, 7, 8]), bytes([1, 2, 3, 4, 5, 6, 7, 9]),
            bytes([1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ]
        #expect(Set(hashes).count == hashes.count)
    }
}
