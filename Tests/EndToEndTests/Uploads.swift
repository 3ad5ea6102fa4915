import Foundation
import Testing
import WorkerKit

/// Pictures in a server's object folder, and the events that tell of them.
struct Uploads {
  let folder: URL

  /// The pictures that the repository ships.
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../Fixtures/pictures"
  ).standardized
  static let pipelines = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../../pipelines"
  ).standardized.path

  init(_ server: RunningServer) throws {
    folder = server.folder.appending(path: "data/objects/t1/uploads")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// Puts bytes under a name.
  func put(_ data: Data, as name: String) throws {
    try data.write(to: folder.appending(path: name), options: .atomic)
  }

  /// A picture that the repository ships.
  static func picture(_ name: String) throws -> Data { try Data(contentsOf: fixtures.appending(path: name)) }

  static func uploaded(_ name: String, id: String? = nil) -> JSON {
    [
      "id": .string(id ?? "upload-\(name)"), "type": "MediaUploaded", "tenant_id": "t1",
      "payload": ["object_key": .string("uploads/\(name)"), "content_type": "image/jpeg"],
    ]
  }

  static func saved(_ document: String, _ revision: Int) -> JSON {
    [
      "id": .string("\(document)-\(revision)"), "type": "DocumentSaved", "tenant_id": "t1",
      "resource": ["kind": "document", "id": .string(document)],
      "payload": [
        "revision": .integer(Int64(revision)), "content": .string("Revision \(revision) of \(document)."),
      ],
    ]
  }
}
