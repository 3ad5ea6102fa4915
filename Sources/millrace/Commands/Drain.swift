import ArgumentParser
import WorkerKit

/// `drain`.
struct DrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Pause a queue, a pipeline, a stage or a tenant, and wait until nothing of it is under way.",
    discussion: """
      What is drained stays paused until it is resumed, also when the wait is cut short by Ctrl-C or --timeout: then \
      the command says so, and fails. It can be given again at any time.

      Examples:
        millrace drain pipeline:media --reason "moving the bucket"
        millrace drain queue:media --timeout 5m --by ada --reason "new hosts"
      """)

  @OptionGroup var scopes: ScopeOptions
  @Option(help: ArgumentHelp("How long to wait at most: 30s, 5m. As long as it takes without it.", valueName: "time"))
  var timeout: KeepingTime?
  @Flag(help: "Pause also what nobody knows yet.")
  var anyway = false
  @OptionGroup var blame: BlameOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var server: ServerOptions

  func validate() throws { try blame.check(isPreview: false) }

  func run() async throws {
    let (server, stop) = (try server.connect(), Signal())
    let signals = StopSignals(raising: stop)
    defer { signals.cancel() }
    let answer = try await Pausing(server: server).pause(scopes, blame, anyway: anyway)
    Console.complain(PauseDescription.remark(answer))
    var wait = DrainWait(server: server, scopes: scopes.named, environment: .system)
    let end = try await wait.run(until: stop, atMost: timeout?.length)
    let isDrained = end == .drained
    if isDrained || output.json {
      let underWay: JSON = wait.underWay.map { .integer(Int64($0)) } ?? .null
      output.show(.object(["scopes": scopes.json, "drained": .bool(isDrained), "under_way": underWay])) { _ in
        "\(scopes.text): drained; 'millrace resume \(scopes.text)' lets it go on"
      }
    }
    guard !isDrained else { return }
    let cause = end == .stopped ? "the wait was cut short" : "the time is over"
    throw CommandError.failed(
      "\(cause) while \(wait.text); \(scopes.text) stays paused until 'millrace resume \(scopes.text)'")
  }
}

/// Waits until nothing of what is paused is under way.
struct DrainWait {
  /// How a wait ended.
  enum End: Equatable { case drained, stopped, late }

  private let server: ServerConnection
  private let scopes: [PauseScope]
  private let environment: Environment
  /// Jobs that were under way when that was last asked; nil before it was. Once the queue knows of the pause, none
  /// joins them.
  private var jobs: [String]?
  /// How many jobs are under way; nil where nobody can tell, since the queue is away.
  private(set) var underWay: Int?

  /// How long between two looks.
  private static let interval = Duration.milliseconds(500)
  /// The most jobs that one look finds under way before it rests: there is no hurry while so many are.
  private static let mostAsked = 20

  init(server: ServerConnection, scopes: [PauseScope], environment: Environment) {
    self.server = server
    self.scopes = scopes
    self.environment = environment
  }

  /// What is waited for, in words.
  var text: String { underWay.map { "\(Plural.text($0, "job")) \($0 == 1 ? "is" : "are") under way" } ?? Self.away }

  private static let away = "the queue is away and does not know of the pause"

  /// Looks again and again, and says on standard error what it waits for whenever that has changed.
  mutating func run(until stop: Signal, atMost limit: Duration?) async throws(CommandError) -> End {
    let start = environment.time.monotonic
    var said: String?
    while true {
      underWay = try await look()
      if underWay == 0 { return .drained }
      if said != text { Console.complain(text) }
      said = text
      let left = limit.map { $0 - (environment.time.monotonic - start) }
      if let left, left <= .zero { return .late }
      await stop.wait(after: 0, atMost: min(Self.interval, left ?? Self.interval), on: environment.time)
      if stop.count > 0 { return .stopped }
    }
  }

  /// How many jobs are under way; nil where the queue is away.
  private mutating func look() async throws(CommandError) -> Int? {
    do throws(CommandError) {
      guard try await server.get("/v1/pauses")["projected"] == true else { return nil }
      return try await count()
    } catch {
      guard error.problem == "store_unavailable" else { throw error }
      return nil
    }
  }

  private mutating func count() async throws(CommandError) -> Int {
    var leased: [String: Int] = [:]
    for queue in try await server.get("/v1/queues").elements("queues") {
      leased[queue.cell("queue")] = Int(queue.count("leased"))
    }
    guard leased.values.contains(where: { $0 > 0 }) else { return 0 }
    let queued = scopes.reduce(0) { sum, scope in
      if case .queue(let name) = scope { sum + leased[name.rawValue, default: 0] } else { sum }
    }
    var known: [String]
    if let jobs { known = jobs } else { known = try await findJobs() }
    known = try await stillRunning(known)
    jobs = known
    return queued + known.count
  }

  /// The jobs of all scopes but queues, of which the queues' own counts tell, that a host holds.
  private func findJobs() async throws(CommandError) -> [String] {
    var found: Set<String> = []
    for scope in scopes {
      guard let narrowing = scope.query else { continue }
      var before: String?
      repeat {
        let page = try await server.get(
          "/v1/jobs", query: narrowing + [("state", "running"), ("limit", "1000"), ("before", before)])
        found.formUnion(page.elements("jobs").map { $0.cell("id") })
        before = page["next_before"].flatMap { $0 == .null ? nil : page.cell("next_before") }
      } while before != nil
    }
    return found.sorted()
  }

  private func stillRunning(_ jobs: [String]) async throws(CommandError) -> [String] {
    var (running, rest) = ([String](), jobs[...])
    while running.count < Self.mostAsked, let id = rest.popFirst() {
      do throws(CommandError) {
        let job = try await server.get("/v1/jobs/\(ServerConnection.escaped(id))")
        if job["state"] == "RUNNING" { running.append(id) }
      } catch {
        // One that has left by age has ended.
        guard error.problem == "not_found" else { throw error }
      }
    }
    return running + rest
  }
}

extension PauseScope {
  /// The query for jobs of the scope; nil for a queue.
  fileprivate var query: [(String, String?)]? {
    switch self {
    case .queue: nil
    case .pipeline(let pipeline): [("pipeline", pipeline.rawValue)]
    case .stage(let pipeline, let stage): [("pipeline", pipeline.rawValue), ("stage", stage.rawValue)]
    case .tenant(let tenant): [("tenant_id", tenant.rawValue)]
    }
  }
}
