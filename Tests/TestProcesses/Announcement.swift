import Foundation

/// A named pipe on which a process says that it has begun.
public final class Announcement: Sendable {
  /// Where it lies.
  public let path: String

  /// Makes the pipe, at a path of its own where none is given.
  public init(_ path: String? = nil) {
    self.path = path ?? FileManager.default.temporaryDirectory.appending(path: "announce-\(UUID().uuidString)").path
    mkfifo(self.path, 0o600)
  }

  deinit { unlink(path) }

  /// Waits for the number that the process writes; nil where none comes, or something else.
  public func process() async -> Int32? {
    let told = Promise { [path] in FileHandle(forReadingAtPath: path).flatMap { try? $0.readToEnd() } }
    let bytes = try? await told.value(of: path, within: 120)
    return (bytes ?? nil).flatMap { Int32(String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .newlines)) }
  }
}
