import Foundation
import Testing
import WorkerKit

/// A bad picture costs its own job and nothing else.
@Suite("Bad pictures", .serialized, .onEveryServerSet)
struct BadPictureTests {
  @Test("Each is a dead letter that says what and why; everything else goes on", .timeLimit(.minutes(5)))
  func deadLetters() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines])
    let uploads = try Uploads(server)
    let good = try Uploads.picture("demo/dusk.jpg")
    try uploads.put(good, as: "good.jpg")
    try uploads.put(good.prefix(good.count / 2), as: "truncated.jpg")
    try uploads.put(Data("A text, whatever its name says.".utf8), as: "text.jpg")
    try uploads.put(Data(), as: "empty.jpg")
    try uploads.put(try #require(Data(base64Encoded: Self.hugePNG)), as: "huge.png")
    let api = try ServerAPI(server)
    let names = ["good.jpg", "truncated.jpg", "text.jpg", "empty.jpg", "huge.png", "missing.jpg", "../../t2/other.jpg"]
    try await api.emit(names.map { Uploads.uploaded($0) } + [Uploads.saved("doc", 1)])
    let jobs = try await api.ended(8)
    let failures = try await withFailures(names, api)
    #expect(failures["good.jpg"] == "")
    #expect(failures["truncated.jpg"] == "permanent truncated_picture")
    #expect(failures["text.jpg"] == "permanent not_a_picture")
    #expect(failures["empty.jpg"] == "permanent not_a_picture")
    #expect(failures["huge.png"] == "poison too_many_pixels")
    #expect(failures["missing.jpg"] == "permanent object_not_found")
    #expect(failures["../../t2/other.jpg"] == "permanent invalid_object_key")
    #expect(jobs.count { $0["state"] == "SUCCEEDED" } == 2)
    #expect(try await api.get("/health/ready")["status"] == "ready")
    #expect(try await server.stop() == 0)
  }

  @Test("One that outgrows its memory, or whose program dies, takes only its own job with it", .timeLimit(.minutes(5)))
  func kills() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines, "--picture-memory", "600"])
    let uploads = try Uploads(server)
    try uploads.put(try Uploads.picture("demo/dusk.jpg"), as: "good.jpg")
    // Interlaced and 16 bits deep, it must be held whole: 7,000 × 7,000 × 8 bytes.
    try uploads.put(try await InterlacedPNG.blank(side: 7000), as: "bloat.png")
    let api = try ServerAPI(server)
    let good = (1...20).map { Uploads.uploaded("good.jpg", id: "good-\($0)") }
    try await api.emit(good[..<10] + [Uploads.uploaded("bloat.png")] + good[10...])
    let jobs = try await api.ended(21)
    #expect(jobs.count { $0["state"] == "SUCCEEDED" } == 20)
    let dead = try #require(jobs.first { $0["state"] == "FAILED" })
    #expect(["out_of_memory", "imaging_died"].contains(dead["failure"]?["code"]?.string))
    #expect(jobs.allSatisfy { $0["attempts"] == 1 })
    #expect(try await server.stop() == 0)
  }

  @Test("A dead letter that was mended is replayed, and what follows from it follows", .timeLimit(.minutes(5)))
  func replays() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines])
    let uploads = try Uploads(server)
    try uploads.put(Data("not yet a picture".utf8), as: "cat.jpg")
    let api = try ServerAPI(server)
    try await api.emit([Uploads.uploaded("cat.jpg")])
    let dead = try #require(try await api.ended(1).first)
    #expect(dead["state"] == "FAILED")
    let id = try #require(dead["id"]?.string)

    let shown = try await server.command(["dead", "show", id])
    #expect(shown.status == 0)
    #expect(shown.output.contains("not_a_picture"))
    try uploads.put(try Uploads.picture("demo/dusk.jpg"), as: "cat.jpg")
    let replay = try await server.command(["dead", "replay", id, "--by", "ana", "--reason", "uploaded again"])
    #expect(replay.status == 0)
    #expect(replay.output.contains("replayed"))
    let mended = try await api.poll({ try await api.get("/v1/jobs/\(id)") }) { $0["state"] == "SUCCEEDED" }
    #expect(mended["fence"] == 2)
    let again = try await server.command(["dead", "replay", id, "--by", "ana", "--reason", "a second click"])
    #expect(again.output.contains("not_dead"))
    #expect(try await api.jobs("failed").isEmpty)
    #expect(try await server.stop() == 0)
  }

  /// 60,000 × 60,000 pixels, or so its header says.
  private static let hugePNG =
    "iVBORw0KGgoAAAANSUhEUgAA6mAAAOpgCAIAAAAPsOIVAAAACElEQVR4nAMAAAAAAUgGidIAAAAASUVORK5CYII="

  /// The kind and code of what went wrong, by the upload's name.
  private func withFailures(_ names: [String], _ api: ServerAPI) async throws -> [String: String] {
    var failures: [String: String] = [:]
    for name in names {
      let id = try #require("upload-\(name)".addingPercentEncoding(withAllowedCharacters: .alphanumerics))
      let stage = try await api.get("/v1/events/\(id)")["runs"]?[0]?["stages"]?[0]
      let failure = stage?["job"]?["failure"]
      failures[name] = failure == .null ? "" : "\(failure?["kind"]?.string ?? "?") \(failure?["code"]?.string ?? "?")"
    }
    return failures
  }
}
