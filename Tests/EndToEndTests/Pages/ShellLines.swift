/// Tells where a shell's commands end, of which one may take several lines.
struct ShellLines {
  private var quote: Character?

  /// The commands of a text, each with the number of its first line from 0. What is empty or a comment is none.
  static func commands(of text: String) -> [(line: Int, text: String)] {
    var (commands, open, scanner) = ([(line: Int, text: String)](), [Substring](), ShellLines())
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      open.append(line)
      if scanner.goesOn(after: line) { continue }
      let command = open.joined(separator: "\n")
      let start = command.first { !$0.isWhitespace }
      if let start, start != "#" { commands.append((number + 1 - open.count, command)) }
      open = []
    }
    return commands
  }

  /// Whether the command of which this is a line has another one.
  private mutating func goesOn(after line: Substring) -> Bool {
    var (isEscaped, last) = (false, Character(" "))
    for character in line {
      defer { last = character }
      if isEscaped {
        isEscaped = false
      } else if let open = quote {
        if character == open { quote = nil }
        isEscaped = character == "\\" && open == "\""
      } else if character == "#", last.isWhitespace {
        return false
      } else {
        if character == "'" || character == "\"" { quote = character }
        isEscaped = character == "\\"
      }
    }
    return isEscaped || quote != nil
  }
}
