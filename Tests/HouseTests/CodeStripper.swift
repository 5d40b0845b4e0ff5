/// Takes comments and the insides of literals out of lines, one after another: a simple one, for sources that
/// are formatted.
struct CodeStripper {
    private var isInText = false
    private var commentDepth = 0

    /// The code of the next line.
    mutating func code(of line: String) -> String {
        var code = ""
        var isInString = false
        let characters = Array(line)
        var index = 0
        func at(_ offset: Int) -> Character? {
            index + offset < characters.count ? characters[index + offset] : nil
        }
        while let character = at(0) {
            let isTriple = character == "\"" && at(1) == "\"" && at(2) == "\""
            if isInText {
                if isTriple { isInText = false }
                index += isTriple ? 3 : 1
            } else if commentDepth > 0 {
                let isEnd = character == "*" && at(1) == "/"
                if isEnd { commentDepth -= 1 }
                index += isEnd ? 2 : 1
            } else if isInString {
                if character == "\"" { isInString = false }
                index += character == "\\" ? 2 : 1
            } else if isTriple {
                isInText = true
                index += 3
            } else if character == "\"" {
                isInString = true
                code += "\"\""
                index += 1
            } else if character == "/" && at(1) == "/" {
                return code
            } else if character == "/" && at(1) == "*" {
                commentDepth += 1
                index += 2
            } else {
                code.append(character)
                index += 1
            }
        }
        return code
    }
}
