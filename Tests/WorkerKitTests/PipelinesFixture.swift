import WorkerKit

/// Workers for lint to look at; they are never run.
enum Fixture {
  static func registry() throws -> WorkerRegistry {
    var registry = WorkerRegistry()
    try registry.register(FakeScan())
    try registry.register(FakeThumbnails())
    try registry.register(FakePersist())
    return registry
  }

  static func event(
    type: String = "MediaUploaded", payload: JSON = ["object_key": "a.png", "content_type": "image/png"], hops: Int = 0
  ) -> EventEnvelope {
    EventEnvelope(
      id: "e1", type: type, occurredAt: Timestamp(milliseconds: 0), tenant: "acme",
      resource: .init(kind: "document", id: "d1"), correlationID: "c1", traceParent: "00-trace",
      context: ["user_id": "u"],
      hops: hops, payload: payload)
  }
}

struct ObjectOptions: WorkerOptions {
  static let object = OptionField<String>("object", "The object.")
  static var fields: [OptionDescription] { [object.description] }
  init(_ reader: OptionReader) throws(OptionProblem) { _ = try reader.value(Self.object) }
}

struct PictureOptions: WorkerOptions {
  static let object = OptionField<String>("object", "The object.")
  static let widths = OptionField<[Int]>("widths", "Widths.")
  static let format = OptionField<String>("format", "The format.", default: "webp")
  static let quality = OptionField<Int>("quality", "The quality.", default: 80) { quality in
    (1...100).contains(quality) ? nil : "must be from 1 to 100"
  }
  static var fields: [OptionDescription] {
    [object.description, widths.description, format.description, quality.description]
  }
  init(_ reader: OptionReader) throws(OptionProblem) { _ = try reader.value(Self.object) }
}

struct SaveOptions: WorkerOptions {
  static let names = ["document", "revision", "content"]
  static var fields: [OptionDescription] { names.map { OptionField<JSON>($0, "A field.").description } }
  init(_ reader: OptionReader) throws(OptionProblem) {}
}

struct FakeScan: Worker {
  struct Output: WorkerOutput {
    static let fields = [OutputField("verdict", "Clean or infected."), OutputField("signature", "What was found.")]
    var json: JSON { ["verdict": "clean"] }
  }
  static let name: WorkerName = "media.scan"
  static let summary = "Scans."
  func run(_ options: ObjectOptions, context: WorkerContext) async throws -> Output { Output() }
}

struct FakeThumbnails: Worker {
  struct Output: WorkerOutput {
    static let fields = [OutputField("source", "The object."), OutputField("files", "The copies.")]
    var json: JSON { [:] }
  }
  static let name: WorkerName = "media.thumbnails"
  static let summary = "Makes thumbnails."
  static let queue: QueueName = "pictures"
  func run(_ options: PictureOptions, context: WorkerContext) async throws -> Output { Output() }
}

struct FakeBound: Worker {
  struct Output: WorkerOutput {
    static let fields = [OutputField("size", "Its size.")]
    var json: JSON { [:] }
  }
  static let name: WorkerName = "search.bound"
  static let summary = "Keeps an index, which this process alone has open."
  func run(_ options: ObjectOptions, context: WorkerContext) async throws -> Output { Output() }
}

struct FakePersist: Worker {
  struct Output: WorkerOutput {
    static let fields = ["document", "revision", "head", "stored", "content_hash", "bytes", "stored_bytes"]
      .map { OutputField($0, "A field.") }
    var json: JSON { [:] }
  }
  static let name: WorkerName = "autosave.persist"
  static let summary = "Persists."
  func run(_ options: SaveOptions, context: WorkerContext) async throws -> Output { Output() }
}
