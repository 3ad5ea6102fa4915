import Foundation
import ObjectStorageDriver
import Testing
import WorkerKit

/// A folder store, and the folder around it, for one test.
struct Depot {
  let folder: String
  let store: FolderObjectStore
  let tenant: TenantID = "acme"

  var root: String { "\(folder)/objects" }

  static func open(_ body: (Depot) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "objects-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(Depot(folder: folder, store: FolderObjectStore(root: "\(folder)/objects"))))
    } catch { result = .failure(error) }
    try FileManager.default.removeItem(atPath: folder)
    try result.get()
  }

  /// Writes a file beside the store and answers its path.
  func file(_ name: String, _ content: some DataProtocol) throws -> String {
    let path = "\(folder)/\(name)"
    try Data(content).write(to: URL(filePath: path))
    return path
  }

  /// The path at which an object's file is.
  func path(_ key: String) -> String { "\(root)/\(tenant)/\(key)" }

  func makeFolder(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func link(_ path: String, to destination: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: destination)
  }

  /// Every file and folder in the surrounding folder.
  func names() throws -> [String] { try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() }

  func content(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

  /// Expects a permanent failure of this code, from each way of reading and writing a key.
  func expectRefusal(_ key: String, _ code: String, location: SourceLocation = #_sourceLocation) async {
    for name in ["read", "fetch", "write"] {
      let failure = await #expect(throws: Failure.self, "\(name)", sourceLocation: location) {
        switch name {
        case "read": _ = try await store.read(key, of: tenant, limit: 1000)
        case "fetch": try await store.fetch(key, of: tenant, to: "\(folder)/fetched")
        default: try await store.write([1], as: key, of: tenant)
        }
      }
      #expect(failure?.code == code, "\(name)", sourceLocation: location)
      #expect(failure?.kind == .permanent, "\(name)", sourceLocation: location)
    }
  }
}
