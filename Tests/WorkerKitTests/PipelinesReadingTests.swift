import Foundation
import Testing

@testable import WorkerKit

@Suite("Pipelines: reading")
struct PipelinesReadingTests {
  static let text = """
    pipeline: media
    description: Scan, then derive.
    trigger:
      event: MediaUploaded
      match: { payload: { content_type: [image/png, image/jpeg] } }
    stages:
      thumbnails:
        uses: media.thumbnails
        needs: [scan]
        when: { scan: { verdict: [clean] }, event: { payload: { size: [1, 2] } } }
        timeout: 2m
        queue: media
        with: { object: "${event.payload.object_key}", widths: [128, 0x200], quality: 010 }
      scan:
        uses: media.scan
        retry: { attempts: 3, backoff: { initial: 500ms, max: 1h } }
        with: { object: "bucket/${event.payload.object_key}" }
    emit:
      - { event: MediaProcessed, after: [thumbnails], payload: { files: "${thumbnails.files}", v: "${scan.verdict}" } }

    """

  @Test("a whole file becomes a pipeline")
  func wholeFile() throws {
    let pipeline = try Pipeline.compile(Self.text, file: "media.yaml", registry: try Fixture.registry())
    #expect(pipeline.name == "media" && pipeline.description == "Scan, then derive." && pipeline.source == Self.text)
    #expect(pipeline.trigger.event == "MediaUploaded")
    #expect(
      pipeline.trigger.match
        == .object([
          .init("payload", .object([.init("content_type", .anyOf(["image/png", "image/jpeg"]))]))
        ]))
    #expect(pipeline.stages.map(\.name) == ["thumbnails", "scan"])
    #expect(pipeline.ordered.map(\.name) == ["scan", "thumbnails"])
    let thumbnails = try #require(pipeline.stage("thumbnails"))
    #expect(thumbnails.worker == "media.thumbnails" && thumbnails.needs == ["scan"] && thumbnails.queue == "media")
    #expect(thumbnails.timeout == .seconds(120) && thumbnails.retry == nil)
    #expect(thumbnails.when.map(\.root) == ["scan", "event"])
    #expect(
      thumbnails.with
        == .object([
          "object": .reference(Reference(root: "event", path: ["payload", "object_key"])),
          "widths": .literal([128, 512]), "quality": .literal(10),
        ]))
    let scan = try #require(pipeline.stage("scan"))
    #expect(scan.retry == RetryPolicy(attempts: 3, initial: .milliseconds(500), longest: .seconds(3600)))
    #expect(pipeline.emits.map(\.event) == ["MediaProcessed"] && pipeline.emits.first?.after == ["thumbnails"])
  }

  @Test("the revision is the SHA-256 of the file's bytes")
  func revision() throws {
    #expect(
      Pipeline.revision(of: "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let pipeline = try Pipeline.compile(Self.text, file: "media.yaml")
    #expect(pipeline.revision == Pipeline.revision(of: Self.text))
    #expect(pipeline.stored == PipelineRevision(pipeline: "media", hash: pipeline.revision, source: Self.text))
  }

  @Test(
    "plain scalars are read by the core schema of YAML 1.2",
    arguments: [
      ("on", "on"), ("no", "no"), ("yes", "yes"), ("1:30", "1:30"), ("010", 10), ("+7", 7), ("-0", 0), ("0o17", 15),
      ("0xfF", 255), ("0x", "0x"), ("0o8", "0o8"), ("0x-1", "0x-1"), ("", nil), ("~", nil), ("Null", nil),
      ("true", true), ("FALSE", false), ("tRUE", "tRUE"), ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("-1e3", -1000.0),
      ("1e", "1e"), ("1.2.3", "1.2.3"), (".", "."), ("+", "+"), ("1_000", "1_000"), ("2026-11-21", "2026-11-21"),
      ("9223372036854775807", .integer(.max)), ("9223372036854775808", 9223372036854775808.0), ("0b1", "0b1"),
    ] as [(String, JSON)])
  func coreSchema(_ plain: String, _ expected: JSON) {
    #expect(CoreSchema.value(of: plain) == expected)
  }

  @Test("numbers that JSON cannot hold are none", arguments: [".inf", "-.INF", "+.Inf", ".nan", "1e999"])
  func notJSON(_ plain: String) {
    #expect(CoreSchema.value(of: plain) == nil)
  }

  @Test(
    "lengths of time are a number and a unit",
    arguments: [
      ("500ms", .milliseconds(500)), ("3s", .seconds(3)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
      ("7d", .seconds(604_800)), ("5", nil), ("s", nil), ("1.5s", nil), ("-1s", nil), ("1h30m", nil), ("1 s", nil),
      ("99999999999999999999s", nil), ("٣s", nil),
    ] as [(String, Duration?)])
  func durations(_ text: String, _ expected: Duration?) {
    #expect(DurationText.read(text) == expected)
  }

  @Test("aliases stand for what their anchor names, quoted stars for themselves")
  func aliases() throws {
    let text = """
      pipeline: a
      trigger: { event: A, match: { payload: { kind: ["*", '*x'], star: [2 * 3] } } }
      stages:
        one: { uses: a.b, retry: &patient { attempts: 9 }, with: { text: "5 * 4 = *patient" } }
        two: { uses: a.b, retry: *patient }

      """
    let pipeline = try Pipeline.compile(text, file: "a.yaml")
    #expect(pipeline.stages.map { $0.retry?.attempts } == [9, 9])
    #expect(pipeline.stage("one")?.with == .literal(["text": "5 * 4 = *patient"]))
    #expect(
      pipeline.trigger.match
        == .object([
          .init(
            "payload", .object([.init("kind", .anyOf(["*", "*x"])), .init("star", .anyOf(["2 * 3"]))]))
        ]))
  }

  @Test("the pipelines that ship are without problems")
  func shipped() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let files = try ["autosave.yaml", "media.yaml"].map { name in
      (name, try String(contentsOf: root.appending(path: "pipelines/\(name)"), encoding: .utf8))
    }
    let (set, problems) = PipelineSet.load(files: files, registry: try Fixture.registry())
    #expect(problems == [])
    #expect(set.pipelines.keys.sorted() == ["autosave", "media"])
    #expect(set.triggered(by: "DocumentSaved").map(\.name) == ["autosave"])
    #expect(set.triggered(by: "Other").isEmpty)
    #expect(set.revisions.map(\.pipeline) == ["autosave", "media"])
  }
}
