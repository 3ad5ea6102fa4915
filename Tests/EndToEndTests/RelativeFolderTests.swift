import Foundation
import Testing
import WorkerKit

/// A data folder that is named from where the command is started, as the README does.
@Suite("A relative data folder", .timeLimit(.minutes(5)), .onEveryServerSet)
struct RelativeFolderTests {
  private func relative(_ path: String) -> String {
    let depth = FileManager.default.currentDirectoryPath.split(separator: "/").count
    return String(repeating: "../", count: depth) + path.dropFirst()
  }

  private static func pipeline(_ policy: String) -> String {
    """
    pipeline: media
    trigger: { event: MediaUploaded }
    stages:
      thumbnails:
        uses: media.thumbnails\(policy)
        with: { object: "${event.payload.object_key}", widths: [64] }
    """
  }

  @Test(
    "Programs that work in folders of their own find what they need, in a server and in a process of its own",
    arguments: ["", "\n    isolation: { process: true }"])
  func pictures(policy: String) async throws {
    let files = try PipelineFiles(["media": Self.pipeline(policy)])
    // The last --data is the one that counts.
    let data = relative(files.folder.appending(path: "data").path)
    let server = try await RunningServer(
      folder: files.folder, arguments: ["--data", data, "--pipelines", relative(files.path)])
    #expect(server.readyLine.contains("(data: ../"))
    let uploads = try Uploads(server)
    try uploads.put(try Uploads.picture("demo/dusk.jpg"), as: "dusk.jpg")
    let api = try ServerAPI(server)
    try await api.emit([Uploads.uploaded("dusk.jpg")])
    let job = try await api.ended(1).first
    #expect(job?["state"] == "SUCCEEDED", "\(job?["failure"]?.text() ?? "")")
    #expect(try await server.stop() == 0)
  }
}
