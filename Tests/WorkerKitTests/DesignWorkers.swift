import WorkerKit

/// The workers of `Fixtures/pipelines/media-design.yaml` and of `docs/pipelines.md`, for checks to look at.
enum DesignWorkers {
  static func registry() throws -> WorkerRegistry {
    var registry = try Fixture.registry()
    try registry.describe(DesignQuarantine.self)
    try registry.describe(DesignIndex.self)
    try registry.describe(DesignNotice.self)
    try registry.describe(DesignCall.self)
    return registry
  }
}

private struct DesignQuarantine: Worker {
  struct Output: WorkerOutput {
    static let fields = [OutputField("object", "Where the object is now.")]
    var json: JSON { [:] }
  }
  static let name: WorkerName = "media.quarantine"
  static let summary = "Moves an object out of reach."
  func run(_ options: ObjectOptions, context: WorkerContext) async throws -> Output { Output() }
}

private struct DesignIndex: BatchWorker {
  struct Options: WorkerOptions {
    static let fields = ["index", "id", "text"].map { OptionField<String>($0, "A field.").description }
    init(_ reader: OptionReader) throws(OptionProblem) {}
  }
  struct Output: WorkerOutput {
    static let fields = [OutputField("version", "The document's version.")]
    var json: JSON { [:] }
  }
  static let name: WorkerName = "search.index"
  static let summary = "Makes a document searchable."
  func run(_ items: [BatchItem<Options>]) async -> [JobID: Result<Output, Failure>] { [:] }
}

private struct DesignNotice: Worker {
  struct Options: WorkerOptions {
    static let fields = ["user", "template"].map { OptionField<String>($0, "A field.").description }
    init(_ reader: OptionReader) throws(OptionProblem) {}
  }
  struct Output: WorkerOutput {
    static let fields = [OutputField("notice", "The notice's id.")]
    var json: JSON { [:] }
  }
  static let name: WorkerName = "notify.inapp"
  static let summary = "Tells a user."
  func run(_ options: Options, context: WorkerContext) async throws -> Output { Output() }
}

private struct DesignCall: Worker {
  struct Options: WorkerOptions {
    static let url = OptionField<String>("url", "Where to.")
    static let body = OptionField<JSON?>("body", "What to send.")
    static let callback = OptionField<JSON?>("callback", "Whether the answer may come later.")
    static let fields = [url.description, body.description, callback.description]
    init(_ reader: OptionReader) throws(OptionProblem) {}
  }
  struct Output: WorkerOutput {
    static let fields = ["status", "body", "headers"].map { OutputField($0, "A field.") }
    var json: JSON { [:] }
  }
  static let name: WorkerName = "http.call"
  static let summary = "Sends a request."
  func run(_ options: Options, context: WorkerContext) async throws -> Output { Output() }
}
