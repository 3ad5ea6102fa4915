import Testing
import WorkerKit

@Suite("Schemas: what pipelines take from payloads", .timeLimit(.minutes(5)))
struct SchemaReferenceTests {
  private static let closed = """
    { "type": "object", "additionalProperties": false,
      "properties": {
        "object_key": { "type": "string" }, "open": { "type": "object" }, "sizes": { "$ref": "#/$defs/sizes" },
        "tree": { "$ref": "#/$defs/tree" },
        "either": { "oneOf": [{ "type": "string" },
          { "type": "object", "properties": { "url": true }, "additionalProperties": false }] } },
      "patternProperties": { "^x_": true },
      "$defs": {
        "tree": { "type": "array", "items": { "$ref": "#/$defs/tree" } },
        "sizes": { "type": "array", "prefixItems": [{ "type": "number" }],
          "items": {
            "type": "object", "properties": { "width": { "type": "number" } }, "additionalProperties": false } } }
    }
    """

  private func problems(
    reference: String? = nil, match: String? = nil, when: String? = nil,
    schemas: [(name: String, text: String)] = [("MediaUploaded.schema.json", closed)]
  ) -> [String] {
    let text = """
      pipeline: media
      trigger:
        event: MediaUploaded
        \(match.map { "match: { payload: \($0) }" } ?? "")
      stages:
        scan:
          uses: media.scan
          with: { object: "${event.payload.\(reference ?? "object_key")}" }
          \(when.map { "when: { event: { payload: \($0) } }" } ?? "")
      """
    let (read, broken) = EventSchemas.read(files: schemas)
    #expect(broken.isEmpty)
    return PipelineSet.load(files: [("m.yaml", text)], registry: nil, schemas: read).1.map(\.description)
  }

  @Test(
    "paths that may exist are no problem",
    arguments: [
      "object_key", "open.any.thing", "sizes.0", "sizes.1.width", "sizes.7.width", "x_1.a.b", "either.url", "tree.0.1",
    ])
  func possible(path: String) { #expect(problems(reference: path) == []) }

  @Test(
    "paths that the schema rules out are problems",
    arguments: [
      ("objectkey", "'payload' has no 'objectkey'; did you mean 'object_key'?"),
      ("object_key.size", "'payload.object_key' has no 'size'"), ("sizes.width", "'payload.sizes' has no 'width'"),
      ("sizes.1.widht", "'payload.sizes.1' has no 'widht'; did you mean 'width'?"),
      ("sizes.0.width", "'payload.sizes.0' has no 'width'"),
      (
        "either.uri",
        "'payload.either' has no 'uri'; "
          + "did you mean 'url'?"
      ), ("tree.leaf", "'payload.tree' has no 'leaf'"),
    ])
  func impossible(path: String, expected: String) {
    let start = "m.yaml:8:21: error P052: ${event.payload.\(path)}: by the schema of MediaUploaded, "
    #expect(problems(reference: path) == [start + expected])
  }

  @Test("a path that one version admits is no problem")
  func versions() {
    let both = [("MediaUploaded.schema.json", Self.closed), ("MediaUploaded.v2.schema.json", "{}")]
    #expect(problems(reference: "objectkey", schemas: both) == [])
    #expect(problems(reference: "objectkey", schemas: [("Other.schema.json", Self.closed)]) == [])
  }

  @Test("patterns are checked with the places of their keys")
  func patterns() {
    #expect(problems(match: "{ object_key: [{ prefix: a }], sizes: { width: [1] }, open: { a: [1] } }") == [])
    #expect(problems(match: "{ size: [{ exists: false }] }") == [])
    #expect(
      problems(match: "{ $or: [{ objectkey: [a] }, { sizes: { widht: [1] } }] }") == [
        "m.yaml:4:31: error P052: trigger.match.payload.objectkey: by the schema of MediaUploaded, 'payload' has no "
          + "'objectkey'; did you mean 'object_key'?",
        "m.yaml:4:60: error P052: trigger.match.payload.sizes.widht: by the schema of MediaUploaded, "
          + "'payload.sizes' has no 'widht'; did you mean 'width'?",
      ])
    #expect(
      problems(when: "{ tree: { leaf: [1] } }") == [
        "m.yaml:9:41: error P052: stages.scan.when.event.payload.tree.leaf: by the schema of MediaUploaded, "
          + "'payload.tree' has no 'leaf'"
      ])
  }

  @Test("an event that breaks its schema is not emitted, and is its run's problem")
  func emits() throws {
    let text = """
      pipeline: media
      trigger: { event: MediaUploaded }
      stages: { scan: { uses: media.scan, with: { object: x } } }
      emit:
        - { event: Scanned, after: [scan], payload: { verdict: "${scan.verdict}" } }
      """
    let planner = Planner(queues: [:], newID: { "id" }, now: { Timestamp(milliseconds: 0) })
    let library = PipelineLibrary()
    let pipeline = try Pipeline.compile(text, file: "m.yaml")
    library.add(PipelineSet([pipeline]))
    let output = Array(#"{"verdict":"unclear"}"#.utf8)
    let run = RunSnapshot(
      id: "r", pipeline: "media", revision: pipeline.revision, event: Fixture.event().bytes,
      stages: ["scan": StageResult(state: .succeeded, output: output)])
    #expect(try library.settlePlanner(planner)(run).emits.map(\.type) == ["Scanned"])
    let schema = #"{"properties": {"verdict": {"enum": ["clean", "infected"]}}}"#
    library.use(EventSchemas.read(files: [("Scanned.schema.json", schema)]).0)
    let plan = try library.settlePlanner(planner)(run)
    #expect(plan.emits == [])
    #expect(
      plan.problems == [
        "Scanned was not emitted: its payload breaks its schema: /verdict: This must be one of \"clean\", \"infected\"."
      ])
  }
}
