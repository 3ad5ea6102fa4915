import Glibc
import WorkerKit

/// The key of callbacks in a data folder: drawn once, and shared by every process that works on the folder.
enum CallbackKeyFile {
  /// Reads the key, and draws one where there is none.
  static func open(at path: String) throws(CommandError) -> CallbackKey {
    if let key = try read(path) { return key }
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<CallbackKey.byteCount).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    try write(bytes, beside: path)
    guard let key = try read(path) else { throw unusable(path, "it is gone again") }
    return key
  }

  /// The key in the file; nil where there is no file.
  private static func read(_ path: String) throws(CommandError) -> CallbackKey? {
    let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw unusable(path, String(cString: strerror(errno)))
    }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: CallbackKey.byteCount + 1)
    let count = Glibc.read(file, &bytes, bytes.count)
    guard let key = CallbackKey(Array(bytes.prefix(max(0, count)))) else {
      throw unusable(
        path, "it must hold \(CallbackKey.byteCount) bytes; remove it, and callbacks under way are refused")
    }
    return key
  }

  /// Writes the whole file under another name first, and gives it its name unless somebody else was faster.
  private static func write(_ bytes: [UInt8], beside path: String) throws(CommandError) {
    let draft = "\(path).\(getpid())"
    let file = Glibc.open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw unusable(path, String(cString: strerror(errno))) }
    let isWritten = Glibc.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
    close(file)
    defer { unlink(draft) }
    guard isWritten, link(draft, path) == 0 || errno == EEXIST else {
      throw unusable(path, String(cString: strerror(errno)))
    }
  }

  private static func unusable(_ path: String, _ reason: String) -> CommandError {
    .failed("cannot use the key of callbacks in \(path): \(reason)")
  }
}
