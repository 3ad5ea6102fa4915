import Testing

@Suite("Command line", .timeLimit(.minutes(5)))
struct UsageTests {
  @Test(arguments: [
    [], ["--help"], ["serve", "--help"], ["emit", "--help"], ["jobs", "list", "--help"], ["jobs", "show", "--help"],
    ["dead", "list", "--help"], ["dead", "show", "--help"], ["dead", "replay", "--help"],
    ["pipelines", "check", "--help"], ["pipelines", "schema", "--help"], ["workers", "list", "--help"],
    ["workers", "show", "--help"], ["workers", "docs", "--help"],
    ["pipelines", "check", "--help"], ["pipelines", "explain", "--help"], ["telemetry", "docs", "--help"],
    ["revisions", "list", "--help"], ["revisions", "show", "--help"], ["worker", "--help"],
    ["workers", "crashes", "--help"], ["jobs", "cancel", "--help"], ["runs", "cancel", "--help"],
    ["dead", "groups", "--help"],
  ])
  func helpHasExamplesAndEndsWell(arguments: [String]) async throws {
    let result = try await Command.run(arguments)
    #expect(result.status == 0)
    #expect(result.output.contains("Example"))
    #expect(result.errors.isEmpty)
  }

  @Test func theVersionIsOneLine() async throws {
    let result = try await Command.run(["--version"])
    #expect(result.status == 0)
    #expect(result.output.wholeMatch(of: /millrace \d+\.\d+\.\d+\n/) != nil)
  }

  @Test(arguments: [
    ["nonsense"], ["jobs", "list", "--limit", "0"], ["jobs", "list", "--limit", "many"], ["jobs", "list", "--nope"],
    ["jobs", "show"], ["serve"], ["serve", "--data", "/nowhere", "--listen", "7380"],
    ["serve", "--data", "/nowhere", "--listen", "localhost:port"], ["serve", "--data", "/nowhere", "--lease", "0"],
    ["serve", "--data", "/nowhere", "--keep-events", "3d"],
    ["serve", "--data", "/nowhere", "--keep-activations", "1h"],
    ["serve", "--data", "/nowhere", "--keep-dead", "soon"],
    ["serve", "--data", "/nowhere", "--listen", "0.0.0.0:0"], ["emit"], ["emit", "--type", "T"],
    ["emit", "--type", "T", "--tenant", "t", "--payload", "{"], ["emit", "--file", "x", "--type", "T"],
    ["emit", "--type", "T", "--tenant", "t", "--resource", "document"],
    ["dead", "replay", "--by", "a", "--reason", "b"],
    ["dead", "replay", "1", "--all", "--by", "a", "--reason", "b"], ["dead", "replay", "1"],
    ["dead", "replay", "1", "--by", "a", "--reason", ""],
    ["dead", "replay", "1", "--stage", "s", "--by", "a", "--reason", "b"],
    ["jobs", "cancel"], ["jobs", "cancel", "1"], ["jobs", "cancel", "1", "--stage", "s", "--by", "a", "--reason", "b"],
    ["jobs", "cancel", "--by", "a", "--reason", "b"], ["jobs", "cancel", "1", "--dry-run"],
    ["jobs", "cancel", "--fingerprint", "x", "--dry-run"], ["runs", "cancel"], ["runs", "cancel", "1", "--by", "a"],
    ["dead", "replay", "--all", "--by", "a", "--reason", "b"], ["dead", "replay", "--stage", "s", "--by", "a"],
    ["dead", "replay", "1", "--dry-run"], ["jobs", "show", "1", "--lines", "0"],
    ["jobs", "list", "--server", "ftp://example.org"], ["pipelines", "check"],
    ["workers", "show"], ["workers", "docs"], ["workers", "crashes"],
    ["worker"], ["worker", "--data", "/nowhere"], ["worker", "--data", "/nowhere", "--queues", ","],
    ["worker", "--data", "/nowhere", "--queues", "media", "--lease", "0"],
    ["worker", "--data", "/nowhere", "--queues", "media", "--give-up", "0"], ["child-worker"],
    ["pipelines", "explain", "--event", "e"], ["pipelines", "explain", "--pattern", "p"],
    ["pipelines", "explain", "--pattern", "p", "--pipelines", "f", "--event", "e"],
  ])
  func wrongUsageEndsWithTwo(arguments: [String]) async throws {
    let result = try await Command.run(arguments)
    #expect(result.status == 2, "\(result.errors)")
    #expect(result.output.isEmpty)
    #expect(!result.errors.isEmpty)
  }

  @Test(arguments: [
    ["jobs", "list"], ["jobs", "show", "1"], ["dead", "list"], ["emit", "--type", "T", "--tenant", "t"],
  ])
  func anUnreachableServerEndsWithThree(arguments: [String]) async throws {
    let result = try await Command.run(arguments + ["--server", "http://127.0.0.1:1/"])
    #expect(result.status == 3)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("cannot reach a server at http://127.0.0.1:1:"))
    #expect(result.errors.contains("millrace serve --data"))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func theServerIsTakenFromTheEnvironment() async throws {
    let result = try await Command.run(["jobs", "list"], variables: ["MILLRACE_URL": "http://127.0.0.1:2"])
    #expect(result.status == 3)
    #expect(result.errors.contains("127.0.0.1:2"))
  }
}
