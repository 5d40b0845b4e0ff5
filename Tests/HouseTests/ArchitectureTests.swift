import Testing

/// The arrows between the rooms, and what none of them may use.
@Suite struct ArchitectureTests {
    /// What each room may import besides the standard library.
    private static let arrows: [String: Set<String>] = [
        "Bytes": [],
        "HTTP1": ["Bytes"],
        "WebSocket": ["Bytes"],
        "Orders": [],
        "Sessions": ["Bytes", "HTTP1", "WebSocket"],
        "Platform": ["Bytes", "CWebAssets", "HTTP1", "Orders", "Sessions", "WebSocket"],
        "Reactor": ["CLibUV", "Glibc", "Synchronization"],
        "Server": ["Reactor", "Sessions"],
        "Redis": ["Bytes", "Orders"],
        "Hiredis": ["Bytes", "CHiredis", "Redis"],
        "Embedding": ["Orders", "Platform", "Reactor", "Server"],
        "Simulation": ["Bytes", "HTTP1", "Orders", "Platform", "Redis", "Sessions", "WebSocket"],
    ]

    /// Rooms of C.
    private static let foreign: Set<String> = ["CHiredis", "CLibUV", "CWebAssets"]
    /// Rooms that are a function of bytes, time and seed.
    private static let pure = [
        "Bytes", "HTTP1", "WebSocket", "Orders", "Sessions", "Platform", "Redis", "Simulation",
    ]

    @Test func everyRoomIsKnown() throws {
        let rooms = Set(try SourceTree.current.get().files.map(\.room))
        // Programs, in lower case, join rooms and may import any of them; but never libuv itself.
        let others = rooms.subtracting(Self.arrows.keys).subtracting(Self.foreign)
        #expect(others.allSatisfy { $0 == $0.lowercased() })
        #expect(rooms.isSuperset(of: Self.arrows.keys))
    }

    @Test(arguments: arrows.keys.sorted())
    func aRoomImportsWhatItMay(room: String) throws {
        let files = try SourceTree.current.get().files(in: room)
        #expect(!files.isEmpty)
        for file in files {
            let others = Set(file.imports).subtracting(Self.arrows[room] ?? [])
            #expect(others == [], "\(room)/\(file.name)")
        }
    }

    @Test func onlyTheReactorKnowsTheLoopsLibrary() throws {
        for file in try SourceTree.current.get().files where file.room != "Reactor" {
            #expect(!file.imports.contains("CLibUV"), "\(file.room)/\(file.name)")
        }
    }

    /// Time and seed are arguments; what is not in the standard library's core is not needed.
    @Test(arguments: pure)
    func aPureRoomHasNoClockNoChanceAndNoThread(room: String) throws {
        let words: Set<String> = [
            "Foundation", "FoundationEssentials", "Glibc", "Musl", "Darwin", "Dispatch", "Synchronization",
            "Date", "Clock",
            "ContinuousClock", "SuspendingClock", "Duration", "random", "shuffle", "shuffled",
            "randomElement",
            "SystemRandomNumberGenerator", "clock_gettime", "gettimeofday", "time", "arc4random", "Task",
            "async", "await",
            "Thread", "DispatchQueue", "Hasher", "hashValue",
        ]
        // A property of the host, by which the time is told.
        let exceptions: Set<String> = ["time"]
        for file in try SourceTree.current.get().files(in: room) {
            for (number, line) in file.code.enumerated() {
                let used = Set(line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
                let forbidden = used.intersection(words).filter { word in
                    !(exceptions.contains(word) && !line.contains("\(word)("))
                }
                #expect(forbidden.isEmpty, "\(room)/\(file.name):\(number + 1)")
            }
        }
    }

    @Test func importsAreFound() {
        let file = SourceTree.File(
            room: "Bytes", name: "A.swift",
            text:
                "import A\n// import B\n@testable import C\n  public import D.E\nlet import1 = \"import F\"\n/* import G */"
        )
        #expect(file.imports == ["A", "C", "D"])
    }
}
