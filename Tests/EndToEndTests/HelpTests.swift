import Testing

/// What every command says of itself.
@Suite("Help", .timeLimit(.minutes(5)))
struct HelpTests {
  /// The words of every command that is shown, below this one.
  private static func commands(below path: [String] = []) async throws -> [[String]] {
    let help = try await Command.run(path + ["--help"]).output
    var found = [path]
    for line in help.split(separator: "\n").drop(while: { $0 != "SUBCOMMANDS:" }) where line.hasPrefix("  ") {
      let name = line.dropFirst(2).prefix { $0.isLetter }
      guard let first = name.first, first.isLowercase else { continue }
      found += try await commands(below: path + [String(name)])
    }
    return found
  }

  @Test("Each command says what it does, with examples that can be copied from a terminal of 80 columns")
  func examples() async throws {
    let commands = try await Self.commands()
    #expect(commands.count > 35)
    for command in commands {
      let name = command.joined(separator: " ")
      let help = try await Command.run(command + ["--help"])
      #expect(help.status == 0 && help.errors.isEmpty, "\(name)")
      let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false).prefix {
        !$0.hasPrefix("USAGE:")
      }
      #expect(lines.contains { $0.hasPrefix("Example") }, "\(name) has no example")
      for (line, next) in zip(lines, lines.dropFirst()) where !line.isEmpty && !next.isEmpty {
        let isWrapped = line.hasPrefix(" ") && !next.hasPrefix(" ")
        #expect(!isWrapped, "An example of '\(name)' is broken: \(next)")
        // A line that is broken where the next word had room was broken by whoever wrote it, for another width.
        let word = next.prefix { $0 != " " }
        let isRagged = !line.hasPrefix(" ") && !next.hasPrefix(" ") && line.count + 1 + word.count < 78
        #expect(!isRagged, "A paragraph of '\(name)' is broken before: \(next)")
      }
    }
  }

  @Test("An example's words are commands and options that there are")
  func examplesAreRight() async throws {
    for command in try await Self.commands() {
      let help = try await Command.run(command + ["--help"])
      for line in help.output.replacing("\\\n", with: " ").split(separator: "\n") {
        guard let start = line.firstRange(of: "  millrace ") else { continue }
        let words = line[start.upperBound...].split(separator: " ").map(String.init)
        let path = words.prefix { $0.allSatisfy { $0.isLetter } }.prefix(2)
        let page = try await Command.run(path + ["--help"]).output
        for option in words where option.hasPrefix("--") {
          #expect(page.contains("\(option) ") || page.contains("\(option)\n"), "\(line): \(option)")
        }
      }
    }
  }

  @Test(arguments: [
    (["nonsense"], "there is no command 'millrace nonsense'; there are serve, dispatcher, worker, "),
    (["job", "list"], "there is no command 'millrace job'; did you mean 'millrace jobs'?"),
    (["jobs", "lst"], "there is no command 'millrace jobs lst'; did you mean 'millrace jobs list'?"),
    (["help", "jobs", "lst"], "did you mean 'millrace jobs list'?"),
    (["jobs", "list", "--stat", "queued"], "Did you mean '--state'?"),
  ])
  func whatIsMisspeltIsWrongUsageWithASuggestion(arguments: [String], part: String) async throws {
    let result = try await Command.run(arguments)
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(result.errors.contains(part), "\(result.errors)")
    #expect(!result.errors.contains("child-worker"))
  }
}
