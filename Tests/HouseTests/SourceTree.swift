import Foundation

/// The sources as they lie in the repository.
struct SourceTree: Sendable {
    /// The tree around this file, read once.
    static let current = Result { try SourceTree() }

    /// One Swift file.
    struct File: Sendable {
        /// The room it is in.
        let room: String
        let name: String
        let lines: [String]

        /// The lines without comments and the insides of literals, so that words are those of the program.
        let code: [String]
    }

    /// All Swift files in `Sources`.
    let files: [File]

    /// Reads the tree around this file.
    init(path: String = #filePath) throws {
        let root = URL(filePath: path).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let sources = root.appending(path: "Sources")
        var files: [File] = []
        for room in try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted() {
            let folder = sources.appending(path: room)
            for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
            where name.hasSuffix(".swift") {
                let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                files.append(File(room: room, name: name, text: text))
            }
        }
        self.files = files
    }

    /// The files of one room.
    func files(in room: String) -> [File] { files.filter { $0.room == room } }
}

extension SourceTree.File {
    init(room: String, name: String, text: String) {
        self.room = room
        self.name = name
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var stripper = CodeStripper()
        code = lines.map { stripper.code(of: $0) }
    }

    /// The modules that the file imports.
    var imports: [String] {
        code.compactMap { line in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index + 1 < words.count,
                words[..<index].allSatisfy({
                    $0.hasPrefix("@") || $0 == "public" || $0 == "package" || $0 == "internal"
                })
            else { return nil }
            return String(words[index + 1].prefix { $0 != "." })
        }
    }

    /// The names of the types that the file declares or extends.
    var types: [String] {
        let keywords = ["struct", "class", "enum", "protocol", "actor", "extension", "typealias"]
        return code.compactMap { line in
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
            guard let index = words.firstIndex(where: { keywords.contains(String($0)) }),
                index + 1 < words.count
            else { return nil }
            return String(words[index + 1])
        }
    }

    /// The functions that are longer than a limit, as the line they begin in and how long they are.
    func functions(longerThan limit: Int) -> [(line: Int, count: Int)] {
        var long: [(line: Int, count: Int)] = []
        var depth = 0
        var open: [(start: Int, depth: Int)] = []
        var awaited: Int?
        for (index, line) in code.enumerated() {
            let words = line.split { !($0.isLetter || $0.isNumber) }
            if words.contains("func")
                || words.contains("init") && line.contains("init(")
                    && !line.contains(".init(")
            {
                awaited = index
            }
            for character in line {
                if character == "{" {
                    if let start = awaited {
                        open.append((start, depth))
                        awaited = nil
                    }
                    depth += 1
                } else if character == "}" {
                    depth -= 1
                    // A requirement of a protocol has no body.
                    awaited = nil
                    if let last = open.last, last.depth == depth {
                        open.removeLast()
                        let count = index - last.start + 1
                        if count > limit { long.append((last.start + 1, count)) }
                    }
                }
            }
        }
        return long
    }
}
