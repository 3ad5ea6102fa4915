import WorkerKit

/// A checked key: a relative path whose parts are plain names, so that it cannot leave its tenant's folder.
struct ObjectKey {
  let text: String

  /// Checks a key: 1 to 1,024 bytes, parts between slashes that are not empty, `.` or `..`, and no control characters.
  init(_ text: String) throws(Failure) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= 255 }
    guard isPlain, text.utf8.count <= 1024, !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
      throw Failure(
        .permanent, "invalid_object_key",
        "An object key is a relative path of plain names, like uploads/cat.jpg; it cannot lead out of its folder.",
        fields: ["key": text])
    }
    self.text = text
  }
}
