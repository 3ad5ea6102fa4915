import WorkerKit

/// A checked key: a relative path whose parts are plain names, so that it cannot leave its tenant's folder.
struct ObjectKey {
  let text: String
  /// The names between the slashes; at least one.
  let parts: [String]

  /// Checks a key: 1 to 1,024 bytes, parts between slashes that are not empty, `.` or `..`, and no control characters.
  init(_ text: String) throws(Failure) {
    // Bytes, as the file system sees them: a slash and a combining mark after it are one `Character`.
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { part in
      (1...255).contains(part.count) && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
    }
    let hasControl = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    guard isPlain, text.utf8.count <= 1024, !hasControl else {
      throw Failure(
        .permanent, "invalid_object_key",
        "An object key is a relative path of plain names, like uploads/cat.jpg; it cannot lead out of its folder.",
        fields: ["key": text])
    }
    self.text = text
    self.parts = parts.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Checks a tenant's name, which is one folder's name.
  init(tenant: TenantID) throws(Failure) {
    try self.init(tenant.rawValue)
    guard parts.count == 1 else {
      throw Failure(
        .permanent, "invalid_object_key", "A tenant's name is that of one folder.", fields: ["tenant": text])
    }
  }
}
