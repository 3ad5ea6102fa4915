/// An object in object storage that a job's output refers to.
///
/// Its key holds the content's hash, so that writing it again, or late, writes the same thing.
public struct Artifact: Sendable, Hashable {
  /// The object's key within its tenant.
  public let key: String
  /// The content's media type: `image/webp`.
  public let contentType: String
  /// The content's length.
  public let bytes: Int
  /// The content's SHA-256, in lower-case hexadecimal.
  public let sha256: String

  /// Describes a stored object.
  public init(key: String, contentType: String, bytes: Int, sha256: String) {
    self.key = key
    self.contentType = contentType
    self.bytes = bytes
    self.sha256 = sha256
  }

  /// The artifact as it is stored and shown.
  public var json: JSON {
    .object([
      "key": .string(key), "content_type": .string(contentType), "bytes": .integer(Int64(bytes)),
      "sha256": .string(sha256),
    ])
  }

  /// Reads back what `json` wrote; nil where the value is something else.
  public init?(json: JSON) {
    guard case .string(let key)? = json["key"], case .string(let contentType)? = json["content_type"],
      case .integer(let bytes)? = json["bytes"], case .string(let sha256)? = json["sha256"]
    else { return nil }
    self.init(key: key, contentType: contentType, bytes: Int(bytes), sha256: sha256)
  }
}
