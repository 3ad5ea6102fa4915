import FoundationEssentials
import WorkerKit

/// What a server tells the workers on its data folder, which are started without a word of it.
struct ServerNote: Sendable, Hashable {
  /// Where services reach the API: `https://jobs.example`; nil where that is not known.
  var publicURL: String?
  /// The folder of pipelines, with the schemas beside it; nil where the server has none.
  var pipelines: String?

  /// Reads the note; an empty one where no server has written any.
  static func read(at path: String) throws(CommandError) -> ServerNote {
    guard FileManager.default.fileExists(atPath: path) else { return ServerNote() }
    guard let data = try? Data(contentsOf: URL(filePath: path)), let json = try? JSONReader.parse(Array(data)) else {
      throw .failed("cannot read \(path), what the server tells its workers; start the server again")
    }
    return ServerNote(publicURL: json["public_url"]?.text, pipelines: json["pipelines"]?.text)
  }

  /// Puts the note in the place of the one before, at once.
  func write(to path: String) throws(CommandError) {
    var members: [String: JSON] = [:]
    members["public_url"] = publicURL.map { .string($0) }
    members["pipelines"] = pipelines.map { .string($0) }
    do { try Data(JSON.object(members).bytes()).write(to: URL(filePath: path), options: .atomic) } catch {
      throw .failed("cannot write \(path); check the folder's space and permissions")
    }
  }
}

extension JSON {
  /// The text of a string; nil for anything else.
  fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
}
