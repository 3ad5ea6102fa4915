import Foundation
import Logging
import MediaWorker
import ObjectStorageDriver
import Testing
import WorkerKit
import WorkerKitTesting

/// The worker over the real program, a folder of objects and a scratch folder, for one test.
struct Darkroom: Sendable {
  let folder: String
  let objects: FolderObjectStore
  let worker: ThumbnailsWorker
  let tenant: TenantID = "acme"
  let environment = Environment.test(seed: 1)

  static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "millrace-imaging").path

  /// Runs a test's body; `program` is the picture program, or what stands in for it, given the test's folder.
  static func open(
    program: (String) throws -> String = { _ in Self.program }, _ body: (Darkroom) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "media-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let imaging = ImagingProgram(executable: try program(folder), width: 1)
    let result: Result<Void, any Error>
    do {
      let objects = try FolderObjectStore(root: "\(folder)/objects")
      let scratch = try ScratchFolder(root: "\(folder)/scratch")
      let worker = ThumbnailsWorker(objects: objects, program: imaging, scratch: scratch)
      let darkroom = Darkroom(folder: folder, objects: objects, worker: worker)
      try await body(darkroom)
      #expect(try darkroom.scratchNames() == [], "Nothing is left in the scratch folder.")
      result = .success(())
    } catch { result = .failure(error) }
    await imaging.close()
    try FileManager.default.removeItem(atPath: folder)
    try result.get()
  }

  /// Writes a shell script that stands in for the program; `$folder` and `$imaging` are known to it.
  static func script(_ text: String) -> (String) throws -> String {
    { folder in
      let path = "\(folder)/program"
      try "#!/bin/sh\nfolder='\(folder)'\nimaging='\(program)'\n\(text)\n".write(
        toFile: path, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
      return path
    }
  }

  /// The content of a fixture.
  static func picture(_ name: String) throws -> [UInt8] {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/pictures")
    return [UInt8](try Data(contentsOf: fixtures.appending(path: name)))
  }

  /// Puts a picture into the object store.
  func put(_ bytes: [UInt8], as key: String = "uploads/picture.jpg") async throws {
    try await objects.write(bytes, as: key, of: tenant)
  }

  /// Runs the worker as a host does: with options out of JSON.
  func run(_ options: JSON = ["object": "uploads/picture.jpg"]) async throws -> ThumbnailOutput {
    let authority = Authority(job: "job", epoch: .first, fence: .first, holder: "holder")
    let context = WorkerContext(
      job: authority.job, run: "run", tenant: tenant, pipeline: "media", stage: "thumbnails", attempt: 1,
      authority: authority, logFields: [:], baseLog: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      environment: environment)
    let reader = try OptionReader(options, fields: ThumbnailOptions.fields)
    return try await worker.run(ThumbnailOptions(reader), context: context)
  }

  /// Expects the worker to fail, and answers how; nothing may have been kept.
  func failure(_ options: JSON = ["object": "uploads/picture.jpg"]) async throws -> Failure? {
    let failure = await #expect(throws: Failure.self) { try await run(options) }
    #expect(try !objectNames().contains { $0.hasPrefix("thumbnails") })
    #expect(try scratchNames() == [])
    return failure
  }

  func scratchNames() throws -> [String] { try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/scratch") }

  /// The keys of the tenant's objects.
  func objectNames() throws -> [String] {
    let root = "\(folder)/objects/\(tenant)"
    guard FileManager.default.fileExists(atPath: root) else { return [] }
    return try FileManager.default.subpathsOfDirectory(atPath: root).filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(root)/\(name)", isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
  }
}
