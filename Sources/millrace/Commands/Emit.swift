import ArgumentParser
import WorkerKit

/// `emit`: sends events.
struct Emit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send an event, or a file of events.",
    discussion: """
      An event that was answered is committed. Sending the same id of the same tenant again does nothing and says \
      "duplicate", so a failed command can simply be repeated.

      Examples:
        millrace emit --type MediaUploaded --tenant acme \\
          --payload '{"object_key": "cat.png", "content_type": "image/png"}'
        millrace emit --type DocumentSaved --tenant acme --resource document:42 \\
          --payload @document.json
        some-program | millrace emit --type Imported --tenant acme --payload -
        millrace emit --file events.jsonl
      """)

  @Option(help: "What happened: MediaUploaded.")
  var type: String?
  @Option(help: "The tenant it belongs to.")
  var tenant: String?
  @Option(help: "JSON, or @FILE for a file of it, or - for standard input; {} where it is not given.")
  var payload: String?
  @Option(help: "The event's id; a new ULID where it is not given.")
  var id: String?
  @Option(help: ArgumentHelp("The thing it is about.", valueName: "kind:id"))
  var resource: String?
  @Option(help: "The user, service or plugin that acted.")
  var actor: String?
  @Option(help: "A file with an envelope in JSON on each line, or - for standard input.")
  var file: String?
  @OptionGroup var output: OutputOptions
  @OptionGroup var server: ServerOptions

  func validate() throws {
    let others = [type, tenant, payload, id, resource, actor]
    if file != nil, others.contains(where: { $0 != nil }) {
      throw ValidationError("--file goes with no option that describes a single event.")
    }
    if file == nil, type == nil || tenant == nil {
      throw ValidationError("Give --type and --tenant, or --file.")
    }
  }

  func run() async throws {
    let server = try server.connect()
    let events = if let file { try EventFile.read(file) } else { [try event()] }
    var answers: [JSON] = []
    for batch in EventFile.batches(of: events) {
      answers += try await send(batch, after: answers.count, to: server)
    }
    output.show(.object(["events": .array(answers)])) { Self.describe($0.elements("events")) }
  }

  private func send(_ batch: [JSON], after sent: Int, to server: ServerConnection) async throws(CommandError) -> [JSON]
  {
    do throws(CommandError) {
      return try await server.post("/v1/events", .array(batch)).elements("events")
    } catch {
      if sent > 0 { Console.complain("\(sent) events were taken before this failed; sending them again does no harm.") }
      throw error
    }
  }

  private static func describe(_ answers: [JSON]) -> String {
    answers.map { "\($0.cell("id"))  \($0.cell("status"))" }.joined(separator: "\n")
  }

  private func event() throws(CommandError) -> JSON {
    var event: [String: JSON] = [
      "id": .string(id ?? Environment.system.id()), "payload": try EventFile.payload(payload ?? "{}"),
    ]
    event["type"] = type.map { .string($0) }
    event["tenant_id"] = tenant.map { .string($0) }
    event["actor_id"] = actor.map { .string($0) }
    if let resource {
      let parts = resource.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw .usage("--resource is a kind and an id, like document:42") }
      event["resource"] = .object(["kind": .string(parts[0]), "id": .string(parts[1])])
    }
    return .object(event)
  }
}
