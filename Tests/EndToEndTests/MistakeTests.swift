import Foundation
import Testing
import WorkerKit

/// What people get wrong on a command line, and what they are told.
@Suite("Mistakes on the command line", .timeLimit(.minutes(5)))
struct MistakeTests {
  let folder: URL

  init() throws { folder = try RunningServer.newFolder() }

  @Test("What a server does not take of an option is wrong usage, and names the option", .onEveryServerSet)
  func options() async throws {
    let server = try await RunningServer(folder: folder, arguments: ["--no-work"])
    let cases: [(arguments: [String], error: String)] = [
      (["jobs", "list", "--state", "done"], "state: A state is one of PENDING, "),
      (["runs", "list", "--state", "done"], "state: A run's state is running, succeeded, failed or cancelled."),
      (["events", "list", "--from", "yesterday"], "from: This is a date and time like "),
      (["events", "list", "--limit", "5000"], "limit: This is a whole number from 1 to 1000."),
      (["pipelines", "history", "--limit", "0"], "limit: "),
      (["jobs", "list", "--before", "nonsense"], "before: There is no job with this id"),
      (["dead", "list", "--before", "nonsense"], "before: There is no job with this id"),
      (["runs", "list", "--before", "nonsense"], "before: There is no run with this id"),
      (["events", "list", "--before", "nonsense"], "before: This is a whole number from 1 on."),
      (
        ["events", "replay", "--type", "T", "--from", "x", "--until", "2026-11-21T00:00:00Z", "--dry-run"],
        "  from: This is a date and time like "
      ),
    ]
    for (arguments, error) in cases {
      let result = try await server.command(arguments)
      #expect(result.status == 2 && result.output.isEmpty, "\(arguments)")
      #expect(result.errors.contains(error), "\(result.errors)")
      #expect(!result.errors.contains("invalid_query"))
    }
    #expect(try await server.stop() == 0)
  }

  @Test(
    "An id that names nothing is told with the command that lists what there is", .onEveryServerSet,
    arguments: ["jobs", "runs"])
  func ids(things: String) async throws {
    let server = try await RunningServer(folder: folder, arguments: ["--no-work"])
    let result = try await server.command([things, "show", "no\u{1B}[2J/../x"])
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(
      result.errors
        == "there is no \(things.dropLast()) 'no\\u001b[2J/../x'; 'millrace \(things) list' tells which there are\n")
    #expect(try await server.command(["events", "show", "x"]).errors.hasPrefix("there is no event 'x'; "))
    #expect(try await server.command(["dead", "show", "x"]).errors.hasPrefix("there is no job 'x'; "))
    #expect(try await server.stop() == 0)
  }

  @Test("A file that cannot be read is named with the reason")
  func files() async throws {
    let missing = folder.appending(path: "none.json").path
    for arguments in [
      ["emit", "--file", missing], ["emit", "--type", "T", "--tenant", "t", "--payload", "@\(missing)"],
      ["pipelines", "graph", missing], ["pipelines", "explain", "--pattern", "p", "--event", missing],
    ] {
      let result = try await Command.run(arguments)
      #expect(result.status == 1)
      #expect(result.errors == "cannot read \(missing): there is no such file\n")
    }
    let graph = try await Command.run(["pipelines", "graph", folder.path])
    #expect(graph.errors == "cannot read \(folder.path): it is a folder; name a file\n")
    guard try await OrdinaryUser.isPossible else { return }
    let secret = folder.appending(path: "secret.yaml").path
    try Data(CheckTests.good.utf8).write(to: URL(filePath: secret))
    try OrdinaryUser.permit(0o000, URL(filePath: secret))
    try OrdinaryUser.permit(0o755, folder)
    let closed = try await Command.run(["pipelines", "graph", secret], user: OrdinaryUser())
    #expect(closed.errors == "cannot read \(secret): Permission denied\n")
  }

  @Test("A folder without pipelines is told, and is not a check that has passed")
  func emptyFolder() async throws {
    let result = try await Command.run(["pipelines", "check", folder.path])
    #expect(result.status == 1)
    #expect(
      result.errors == "there are no pipelines in \(folder.path); their files are named NAME.yaml or NAME.yml\n")
    let json = try await Command.run(["pipelines", "check", folder.path, "--json"])
    #expect(json.status == 1)
    #expect(try JSONReader.parse(json.output)["pipelines"] == [])
  }

  @Test("A worker ends at once where its data folder is not there; it would wait for ever")
  func workerWithoutFolder() async throws {
    let path = folder.appending(path: "none").path
    let result = try await Command.run(["worker", "--data", path, "--queues", "media"])
    #expect(result.status == 1)
    #expect(result.errors == "there is no data folder \(path); name that of a server, or start one first\n")
  }

  @Test("A data folder that is a file, and a level of logs that is none, are told before anything is opened")
  func serving() async throws {
    let file = folder.appending(path: "file").path
    try Data().write(to: URL(filePath: file))
    let result = try await Command.run(["serve", "--data", file])
    #expect(result.status == 1)
    #expect(result.errors == "\(file) is a file; --data names a folder\n")
    let data = folder.appending(path: "data").path
    for command in [["serve", "--data", data], ["worker", "--data", folder.path, "--queues", "media"]] {
      let level = try await Command.run(command, variables: ["MILLRACE_LOG_LEVEL": "warnin"])
      #expect(level.status == 2)
      #expect(level.errors == "MILLRACE_LOG_LEVEL is 'warnin', which is no level; did you mean 'warning'?\n")
    }
    #expect(!FileManager.default.fileExists(atPath: data))
  }

  @Test("Who asks is taken from USER where it is not told, and a reason is always asked for", .onEveryServerSet)
  func blame() async throws {
    let server = try await RunningServer(folder: folder, arguments: ["--no-work"])
    let cancel = ["jobs", "cancel", "none"]
    #expect(try await server.command(cancel + ["--reason", "x"]).status == 2)
    #expect(try await server.command(cancel, variables: ["USER": "ada"]).status == 2)
    let result = try await server.command(cancel + ["--reason", "x"], variables: ["USER": "ada"])
    #expect(result.status == 1 && result.output.contains("none  missing"))
    let replay = [
      "events", "replay", "--type", "T", "--from", "2026-11-21T00:00:00Z", "--until", "2026-11-22T00:00:00Z",
      "--reason", "x",
    ]
    #expect(try await server.command(replay).status == 2)
    #expect(try await server.command(replay, variables: ["USER": "ada"]).output == "There are no such events.\n")
    #expect(try await server.stop() == 0)
  }

  @Test func namesOfWorkersAreSuggestedAndNoDeathsAreSaid() async throws {
    let result = try await Command.run(["workers", "show", "media.thumbnail"])
    #expect(result.status == 1)
    #expect(result.errors == "there is no worker 'media.thumbnail'; did you mean 'media.thumbnails'?\n")
    let crashes = try await Command.run(["workers", "crashes", "--data", folder.path])
    #expect(crashes.output == "No worker host has died.\n")
  }
}
