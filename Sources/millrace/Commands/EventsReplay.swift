import ArgumentParser
import WorkerKit

extension Events {
  /// `events replay`.
  struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Have recorded events start new runs of the pipelines that are active now.",
      discussion: """
        The events stay as they are, and so do the runs that they started before. New runs do their work again, with \
        all its effects. Each carries the replay's id; the same id does nothing twice, so that a replay that broke off \
        is repeated with --id. --dry-run tells how many events there are and which pipelines take them.

        Examples:
          millrace events replay --type MediaUploaded \\
            --from 2026-11-21T00:00:00Z --until 2026-11-22T00:00:00Z --dry-run
          millrace events replay --type MediaUploaded --pipeline media \\
            --from 2026-11-21T00:00:00Z --until 2026-11-22T00:00:00Z \\
            --by ada --reason "thumbnails in a new size"
        """)

    @Option(help: "The type of the events.")
    var type: String
    @Option(help: ArgumentHelp("Events recorded then or later (RFC 3339).", valueName: "time"))
    var from: String
    @Option(help: ArgumentHelp("Events recorded before (RFC 3339).", valueName: "time"))
    var until: String
    @Option(help: "Only events of this tenant.")
    var tenant: String?
    @Option(help: "Only runs of this pipeline.")
    var pipeline: String?
    @Flag(help: "Only tell what would happen.")
    var dryRun = false
    @Option(help: "How many events at most; all where it is not given.")
    var limit: Int?
    @Option(help: "The replay's id: one from before goes on with that replay.")
    var id: String?
    @Option(help: "Who asks; kept with the replay. Also USER.")
    var by: String?
    @Option(help: "Why; kept with the replay.")
    var reason: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func validate() throws {
      if !dryRun, asker == nil || reason == nil {
        throw ValidationError("Say who asks with --by, and why with --reason, or --dry-run.")
      }
      if let limit, limit < 1 { throw ValidationError("--limit is at least 1.") }
    }

    func run() async throws {
      let server = try server.connect()
      var total = ReplayTotal(id: id ?? Environment.system.id())
      var after: JSON?
      repeat {
        let left = min(1000, (limit ?? .max) - total.count)
        let answer = try await server.post("/v1/events/replay", wish(id: total.id, after: after, limit: left))
        total.add(answer)
        after = answer["next_after"] == .null ? nil : answer["next_after"]
      } while after != nil && total.count < limit ?? .max
      output.show(total.json(isPreview: dryRun)) { _ in total.text(isPreview: dryRun) }
      if total.failed > 0 { throw CommandError.failed("\(total.failed) events could not be planned") }
    }

    private var asker: String? { by ?? EnvironmentVariable.user.value }

    private func wish(id: String, after: JSON?, limit: Int) -> JSON {
      var members: [String: JSON] = [
        "type": .string(type), "from": .string(from), "until": .string(until), "dry_run": .bool(dryRun),
        "limit": .integer(Int64(limit)), "id": .string(id),
      ]
      members["tenant_id"] = tenant.map { .string($0) }
      members["pipeline"] = pipeline.map { .string($0) }
      members["by"] = asker.map { .string($0) }
      members["reason"] = reason.map { .string($0) }
      members["after"] = after
      return .object(members)
    }
  }
}

/// What the requests of one replay came to together.
struct ReplayTotal {
  let id: String
  private(set) var count = 0
  private var runs: Int64 = 0
  private var first: JSON = .null
  private var last: JSON = .null
  private var pipelines: [String: Int64] = [:]
  private var answers: [String: Int64] = [:]

  init(id: String) { self.id = id }

  /// Events that could not be planned.
  var failed: Int64 { answers["failed"] ?? 0 }

  /// Adds the answer of one request.
  mutating func add(_ answer: JSON) {
    count += Int(Self.number(answer["count"]))
    runs += Self.number(answer["runs"])
    if first == .null { first = answer["first"] ?? .null }
    if let end = answer["last"], end != .null { last = end }
    for item in answer.elements("pipelines") {
      pipelines[item.cell("pipeline"), default: 0] += Self.number(item["events"])
    }
    if case .object(let words)? = answer["answers"] {
      for (word, number) in words { answers[word, default: 0] += Self.number(number) }
    }
  }

  func json(isPreview: Bool) -> JSON {
    var members: [String: JSON] = [
      "count": .integer(Int64(count)), "first": first, "last": last,
      "pipelines": .object(pipelines.mapValues { .integer($0) }),
    ]
    guard !isPreview else { return .object(members) }
    members["id"] = .string(id)
    members["runs"] = .integer(runs)
    members["answers"] = .object(answers.mapValues { .integer($0) })
    return .object(members)
  }

  func text(isPreview: Bool) -> String {
    guard count > 0 else { return "There are no such events." }
    var lines = [
      "\(Plural.text(count, "event")), from \(first.cell("recorded_at")) (\(first.cell("id"))) to "
        + "\(last.cell("recorded_at")) (\(last.cell("id")))"
    ]
    lines += pipelines.sorted { $0.key < $1.key }.map { "pipeline \($0.key): \(Plural.text(Int($0.value), "event"))" }
    if pipelines.isEmpty { lines.append("no active pipeline takes them") }
    if !isPreview {
      lines += answers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      lines.append("replay \(id): \(Plural.text(Int(runs), "new run"))")
    }
    return lines.joined(separator: "\n")
  }

  private static func number(_ value: JSON?) -> Int64 { if case .integer(let number)? = value { number } else { 0 } }
}
