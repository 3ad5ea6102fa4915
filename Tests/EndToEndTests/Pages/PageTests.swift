import Foundation
import TestPostgres
import TestProcesses
import TestRedis
import Testing

/// What the README and the pages of `docs` show is run as it stands there, with the built programs.
@Suite("Commands of the documentation", .timeLimit(.minutes(5)))
struct PageTests {
  @Test(
    "They end as their page says, in the order in which they stand there",
    arguments: Page.names.filter { PageScript.elsewhere[$0] == nil })
  func run(name: String) async throws {
    try await play(name, on: try PageTerminal())
  }

  @Test("Those of production.md start dispatchers and workers beside servers that have nothing yet")
  func runBesideServers() async throws {
    let terminal = try PageTerminal()
    // A role of its own, since a page makes it; both servers are the tests'.
    let (postgres, redis) = (try await PostgresServer.start(), try await RedisServer.start())
    terminal.variables = ["PGHOST": postgres.folder, "PGPORT": "\(postgres.port)", "PGUSER": "postgres"]
    terminal.words = [
      "ROLE millrace": "ROLE page", "OWNER millrace": "OWNER page", "postgres://millrace:": "postgres://page:",
      "127.0.0.1:5432": "127.0.0.1:\(postgres.port)", "127.0.0.1:6379": "127.0.0.1:\(redis.port)",
      "/srv/millrace": terminal.folder.appending(path: "srv").path,
    ]
    try await play("docs/production.md", on: terminal)
  }

  private func play(_ name: String, on terminal: PageTerminal) async throws {
    let page = try Page(name)
    var script = PageScript.of(page)
    try await script.beginning?(terminal)
    for command in page.commands where !isSkipped(command) {
      if let index = script.steps.firstIndex(where: { command.text.hasPrefix($0.before) }) {
        try await script.steps.remove(at: index).take(terminal)
      }
      if ["millrace serve ", "millrace worker ", "millrace dispatcher "].contains(where: { command.text.hasPrefix($0) })
      {
        try await terminal.start(command.text)
      } else {
        let key = script.ends.keys.first { command.text.hasPrefix($0) }
        let status = key.flatMap { script.ends.removeValue(forKey: $0) } ?? 0
        try await check(command, of: name, on: terminal, endsWith: status)
      }
    }
    try await script.end?(terminal)
    try await terminal.stop()
    #expect(script.steps.isEmpty && script.ends.isEmpty, "\(name) lacks a command that its script knows")
  }

  @Test("They stand in blocks of sh, bash or console", arguments: Page.names)
  func areFound(name: String) throws {
    let strays = try Page(name).strays
    #expect(strays.isEmpty, "\(strays.joined(separator: "\n"))")
  }

  @Test("The README has all of them that the list of what is skipped names")
  func skipped() throws {
    let commands = try Page("README.md").commands
    #expect(commands.count > 20)
    for (command, reason) in PageScript.skipped {
      #expect(commands.contains { $0.text.hasPrefix(command) }, "\(command): \(reason)")
    }
  }

  @Test("Commands end where their quotes and lines do, whatever stands in comments")
  func splits() {
    let text = "a 'b\n# c'\n# it's\nd \\\n  e   # isn't\n\nf \"'\" 'g\\'\nh \"\\\"\ni\"\n"
    let commands = ShellLines.commands(of: text)
    #expect(commands.map(\.text) == ["a 'b\n# c'", "d \\\n  e   # isn't", "f \"'\" 'g\\'", "h \"\\\"\ni\""])
    #expect(commands.map(\.line) == [0, 3, 6, 7])
  }

  private func isSkipped(_ command: Page.Command) -> Bool {
    PageScript.skipped.contains { command.text.hasPrefix($0.command) }
  }

  private func check(
    _ command: Page.Command, of page: String, on terminal: PageTerminal, endsWith status: Int32
  ) async throws {
    let result = try await terminal.run(command.text)
    #expect(
      result.status == status, "\(page):\(command.line): \(command.text)\n\(result.output)\(result.errors)")
    guard let shown = command.shown else { return }
    #expect(alike(result.output + result.errors) == alike(shown), "\(page):\(command.line): \(command.text)")
  }

  /// The lines without what differs from run to run: times, hashes, ids and the widths of columns.
  private func alike(_ text: String) -> [String] {
    text.split(separator: "\n").map { line in
      line.replacing(/\d{4}-\d\d-\d\dT[\d:.]+Z/, with: "TIME").replacing(/\b[0-9a-f]{8,}\b/, with: "HASH")
        .replacing(/\b01[0-9A-Z]{24}\b/, with: "ID").split(separator: " ").joined(separator: " ")
    }
  }
}
