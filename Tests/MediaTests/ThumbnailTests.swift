import Crypto
import Foundation
import MediaWorker
import ObjectStorageDriver
import Testing
import WorkerKit

@Suite("Thumbnails of good pictures", .timeLimit(.minutes(5)))
struct ThumbnailTests {
  /// One entry of the output's `files`.
  private struct File: Equatable {
    let key: String
    let width: Int64
    let height: Int64
    let serves: [JSON]

    init?(_ json: JSON) {
      guard case .string(let key)? = json["key"], case .integer(let width)? = json["width"],
        case .integer(let height)? = json["height"], case .array(let serves)? = json["serves"]
      else { return nil }
      (self.key, self.width, self.height, self.serves) = (key, width, height, serves)
    }
  }

  private func files(_ output: ThumbnailOutput) throws -> [File] {
    guard case .array(let files)? = output.json["files"] else { return [] }
    return try files.map { try #require(File($0)) }
  }

  @Test("Files of the right sizes stand under their contents' hashes")
  func makesFiles() async throws {
    try await Darkroom.open { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("still.webp"))
      let output = try await darkroom.run(["object": "uploads/picture.jpg", "widths": [64, 320, 2000, 1000]])
      #expect(
        output.json["source"] == ["format": "webp", "width": 640, "height": 480, "pages": 1])
      let files = try files(output)
      #expect(files.map(\.width) == [640, 320, 64])
      #expect(files.map(\.height) == [480, 240, 48])
      #expect(files.map { Set($0.serves) } == [[2000, 1000], [320], [64]])
      #expect(output.artifacts.map(\.key) == files.map(\.key))
      #expect(try darkroom.objectNames() == (files.map(\.key) + ["uploads/picture.jpg"]).sorted())
      for (file, artifact) in zip(files, output.artifacts) {
        let bytes = try await darkroom.objects.read(file.key, of: darkroom.tenant, limit: 1 << 20)
        let digest = SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
        #expect(file.key == "thumbnails/\(digest.prefix(2))/\(digest)-\(file.width).webp")
        #expect(
          artifact == Artifact(key: file.key, contentType: "image/webp", bytes: bytes.count, sha256: digest))
        // RIFF container of WebP: https://developers.google.com/speed/webp/docs/riff_container
        #expect(bytes.prefix(4) == Array("RIFF".utf8)[...] && bytes[8..<12] == Array("WEBP".utf8)[...])
      }
    }
  }

  @Test("The defaults make three widths of WebP, JPEG on demand")
  func hasDefaults() async throws {
    try await Darkroom.open { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("demo/dusk.jpg"))
      let standard = try await darkroom.run()
      #expect(standard.artifacts.count == 3)
      #expect(standard.artifacts.allSatisfy { $0.contentType == "image/webp" })
      let jpeg = try await darkroom.run(["object": "uploads/picture.jpg", "format": "jpeg", "widths": [100]])
      let artifact = try #require(jpeg.artifacts.first)
      #expect(artifact.contentType == "image/jpeg" && artifact.key.hasSuffix("-100.jpg"))
      let bytes = try await darkroom.objects.read(artifact.key, of: darkroom.tenant, limit: 1 << 20)
      #expect(bytes.prefix(2) == [0xff, 0xd8])
      let small = try await darkroom.run(
        ["object": "uploads/picture.jpg", "format": "jpeg", "widths": [100], "quality": 10])
      #expect(try #require(small.artifacts.first).bytes < artifact.bytes)
    }
  }

  @Test("Each format has its own name and content type", arguments: [("png", ".png"), ("avif", ".avif")])
  func hasFormats(format: String, suffix: String) async throws {
    try await Darkroom.open { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("still.webp"))
      let output = try await darkroom.run(
        ["object": "uploads/picture.jpg", "format": .string(format), "widths": [100]])
      let artifact = try #require(output.artifacts.first)
      #expect(artifact.contentType == "image/\(format)" && artifact.key.hasSuffix("-100\(suffix)"))
    }
  }

  @Test("A picture that moves goes on moving in WebP, unless the first frame is asked for")
  func moves() async throws {
    try await Darkroom.open { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("animated.gif"))
      for (options, frames): ([String: JSON], Int64) in [
        ([:], 3), (["animation": "first"], 1), (["format": "jpeg"], 1), (["aspect": "1:1"], 3),
      ] {
        let output = try await darkroom.run(
          .object(options.merging(["object": "uploads/picture.jpg", "widths": [60]]) { $1 }))
        guard case .array(let files)? = output.json["files"] else { continue }
        #expect(files.map { $0["frames"] } == [.integer(frames)], "\(options)")
        #expect(files.map { $0["height"] } == [options["aspect"] == nil ? 40 : 60])
      }
    }
  }

  @Test("A picture is cut to a shape around its focus")
  func crops() async throws {
    try await Darkroom.open { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("still.webp"))
      var bytes: [Set<String>] = []
      for focus: JSON in [["x": 0, "y": 0], ["x": 1, "y": 0]] {
        let output = try await darkroom.run(
          ["object": "uploads/picture.jpg", "widths": [100, 50], "aspect": "1:1", "focus": focus])
        #expect(try files(output).map(\.width) == [100, 50])
        #expect(try files(output).map(\.height) == [100, 50])
        bytes.append(Set(output.artifacts.map(\.sha256)))
      }
      #expect(bytes[0].isDisjoint(with: bytes[1]), "Another focus shows another part.")
    }
  }

  @Test("Running again writes the same things")
  func isIdempotent() async throws {
    try await Darkroom.open { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("oriented.jpg"))
      let first = try await darkroom.run()
      let names = try darkroom.objectNames()
      let second = try await darkroom.run()
      #expect(second.artifacts == first.artifacts)
      #expect(second.json == first.json)
      #expect(try darkroom.objectNames() == names)
    }
  }

  @Test("What a killed process left in the scratch folder is removed at start")
  func emptiesScratch() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "scratch-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(
      at: folder.appending(path: "job-1"), withIntermediateDirectories: true)
    _ = try ScratchFolder(root: folder.path)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    let permissions = try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions] as? Int
    #expect(permissions == 0o700)
  }

  @Test("A scratch folder that cannot be made is named")
  func namesScratch() throws {
    let failure = #expect(throws: Failure.self) { try ScratchFolder(root: "/proc/self/comm/scratch") }
    #expect(failure?.code == "scratch_unavailable")
    #expect(failure?.kind == .transient)
    #expect(failure?.fields == ["path": "/proc/self/comm/scratch"])
  }
}
