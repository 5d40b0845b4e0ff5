import Testing
import WebSocket

@Suite struct CloseCodeTests {
    @Test func knowsWhatMayBeSent() {
        let valid = Set([1000...1003, 1007...1014, 3000...4999].joined().map { UInt16($0) })
        for code in UInt16.min...UInt16.max {
            #expect(CloseCode(rawValue: code).isValidOnTheWire == valid.contains(code))
        }
    }

    @Test(arguments: FrameFault.allCases)
    func everyFaultFitsACloseFrame(fault: FrameFault) {
        #expect(fault.code.isValidOnTheWire)
        #expect(fault.reason.utf8CodeUnitCount <= FrameWriter.closeReasonBytesMax)
        #expect("\(fault.reason)".hasSuffix("."))
    }

    @Test func everyFaultHasItsOwnReason() {
        #expect(Set(FrameFault.allCases.map { "\($0.reason)" }).count == FrameFault.allCases.count)
    }
}
