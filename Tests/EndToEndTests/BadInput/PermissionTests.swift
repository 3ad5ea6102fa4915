import Foundation
import Testing
import WorkerKit

/// Root may write anywhere, so that the program is an ordinary user's here, as it is where it is at work.
@Suite(
  "Folders without write permission", .timeLimit(.minutes(5)),
  .enabled("The program must be one that an ordinary user can run.") { try await OrdinaryUser.isPossible })
struct PermissionTests {
  let user = OrdinaryUser()
  let folder: URL
  var data: URL { folder.appending(path: "data") }

  init() throws { folder = try user.newFolder() }

  private func serve() async throws -> Command.Result {
    try await Command.run(["serve", "--data", data.path, "--listen", "127.0.0.1:0"], user: user)
  }

  @Test("A data folder that cannot be made, or written, is named with what to do")
  func refuses() async throws {
    try OrdinaryUser.permit(0o555, folder)
    let missing = try await serve()
    #expect(missing.status == 1)
    #expect(
      missing.errors.contains("cannot create the data folder \(data.path); its parent must exist and be writable"))
    try OrdinaryUser.permit(0o755, folder)
    try FileManager.default.createDirectory(
      at: data.appending(path: "objects"), withIntermediateDirectories: true)
    try user.own(data)
    try OrdinaryUser.permit(0o555, data)
    let readOnly = try await serve()
    #expect(readOnly.status == 1)
    #expect(readOnly.errors.contains("cannot write to the data folder \(data.path): Permission denied"))
  }

  @Test("A database that may not be written, and objects that may not be, are named with what to do")
  func refusesParts() async throws {
    let server = try await RunningServer(folder: folder, user: user)
    #expect(try await server.stop() == 0)
    let database = data.appending(path: "millrace.db")
    for mode in [0o444, 0o000] {
      try OrdinaryUser.permit(mode, database)
      let result = try await serve()
      #expect(result.status == 1)
      #expect(result.errors.contains("cannot open the data folder \(data.path): "), "\(result.errors)")
      #expect(result.errors.contains("permissions"), "\(result.errors)")
    }
    try OrdinaryUser.permit(0o644, database)
    let again = try await RunningServer(folder: folder, user: user)
    #expect(try await again.stop() == 0)
  }

  @Test("Where objects cannot be written, jobs that write them are tried again and then dead letters; others go on")
  func servesOn() async throws {
    let media = """
      pipeline: media
      trigger: { event: MediaUploaded }
      stages:
        thumbnails:
          uses: media.thumbnails
          retry: { attempts: 3, backoff: { initial: 10ms, max: 20ms } }
          with: { object: "${event.payload.object_key}", widths: [64], format: webp }
      """
    let files = try PipelineFiles(in: folder, ["documents": CheckTests.good, "media": media])
    let server = try await RunningServer(folder: folder, arguments: files.arguments, user: user)
    let tenant = data.appending(path: "objects/t1")
    try FileManager.default.createDirectory(at: tenant, withIntermediateDirectories: true)
    try Uploads(server).put(Uploads.picture("demo/dusk.jpg"), as: "dusk.jpg")
    try OrdinaryUser.permit(0o555, tenant)
    let api = try ServerAPI(server)
    try await api.emit([
      Uploads.uploaded("dusk.jpg"),
      [
        "id": "d1", "type": "DocumentSaved", "tenant_id": "t1", "resource": ["kind": "document", "id": "1"],
        "payload": ["text": "a"],
      ],
    ])
    let jobs = try await api.ended(2)
    #expect(jobs.count { $0["state"] == "SUCCEEDED" } == 1)
    let dead = try #require(jobs.first { $0["state"] == "FAILED" })
    #expect(dead["attempts"] == 3)
    #expect(dead["failure"]?["code"] == "object_store_unavailable", "\(dead.text())")
    #expect(dead["failure"]?["message"]?.string.contains("check its space and permissions") == true)
    #expect(try await api.get("/health/ready")["status"] == "ready")

    try OrdinaryUser.permit(0o755, tenant)
    try user.own(tenant)
    let id = try #require(dead["id"]?.string)
    let replay = try await server.command(["dead", "replay", id, "--by", "ana", "--reason", "mended"])
    #expect(replay.status == 0, "\(replay.errors)")
    _ = try await api.poll({ try await api.get("/v1/jobs/\(id)") }) { $0["state"] == "SUCCEEDED" }
    #expect(try await server.stop() == 0)
  }
}
