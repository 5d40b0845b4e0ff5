import Testing

/// The rules of the house that a machine can check.
@Suite struct StyleTests {
    private static let lineColumnsMax = 110
    private static let functionLinesMax = 70

    @Test func aFileIsNamedAfterATypeItDeclares() throws {
        for file in try SourceTree.current.get().files {
            let name = file.name.split(separator: "/").last?.dropLast(".swift".count) ?? ""
            let type = String(name.prefix { $0 != "+" })
            #expect(file.types.contains(type), "\(file.room)/\(file.name)")
        }
    }

    @Test func linesAreShortEnough() throws {
        for file in try SourceTree.current.get().files {
            for (number, line) in file.lines.enumerated() where line.count > Self.lineColumnsMax {
                // A sentence in a literal stays whole, so that it can be searched for.
                let isComment = line.drop { $0 == " " }.hasPrefix("//")
                if !isComment, file.code[number].count <= Self.lineColumnsMax { continue }
                Issue.record("\(file.room)/\(file.name):\(number + 1) has \(line.count) columns")
            }
        }
    }

    @Test func functionsAreShortEnough() throws {
        for file in try SourceTree.current.get().files {
            for function in file.functions(longerThan: Self.functionLinesMax) {
                Issue.record("\(file.room)/\(file.name):\(function.line) has \(function.count) lines")
            }
        }
    }

    @Test func nothingIsLeftUndoneOrPrinted() throws {
        for file in try SourceTree.current.get().files {
            for (number, line) in file.lines.enumerated() {
                let place = "\(file.room)/\(file.name):\(number + 1)"
                #expect(!line.contains("TODO") && !line.contains("FIXME"), "\(place)")
            }
            for (number, line) in file.code.enumerated() where file.room.first?.isUppercase == true {
                let words = line.split { !($0.isLetter || $0.isNumber || $0 == "(") }
                #expect(
                    !words.contains { $0.hasPrefix("print(") || $0.hasPrefix("debugPrint(") },
                    "\(file.room)/\(file.name):\(number + 1)")
            }
        }
    }

    @Test func longFunctionsAreFound() {
        func file(lines: Int) -> SourceTree.File {
            SourceTree.File(
                room: "Bytes", name: "A.swift",
                text: "struct A {\n    func a(\n        b: Int\n    ) {\n"
                    + String(repeating: "        if b { \"{\" } // {\n", count: lines - 4)
                    + "    }\n    init() {}\n}\n")
        }
        #expect(file(lines: 70).functions(longerThan: 70).isEmpty)
        let long = file(lines: 71).functions(longerThan: 70)
        #expect(long.map(\.line) == [2] && long.map(\.count) == [71])
    }
}
