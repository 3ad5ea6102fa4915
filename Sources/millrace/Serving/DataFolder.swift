import FoundationEssentials
import Glibc

/// The folder that holds everything a server keeps. One process at a time has it.
final class DataFolder: Sendable {
  let path: String
  private let lock: Int32

  /// The database's file.
  var database: String { "\(path)/millrace.db" }
  /// The folder of stored objects.
  var objects: String { "\(path)/objects" }
  /// Spans that wait for the collector.
  var spans: String { "\(path)/spans" }
  /// Files of attempts that run; emptied at start.
  var scratch: String { "\(path)/scratch" }

  /// Creates the folder where it is missing, and takes it for this process until it ends.
  init(_ path: String) throws(CommandError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try FileManager.default.createDirectory(atPath: "\(path)/objects", withIntermediateDirectories: true)
    } catch {
      throw .failed("cannot create the data folder \(path); its parent must exist and be writable, or it itself")
    }
    let file = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw .failed("cannot write to the data folder \(path): \(String(cString: strerror(errno)))")
    }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      close(file)
      throw .failed("another server uses the data folder \(path); stop it, or name another folder with --data")
    }
    self.path = path
    lock = file
  }

  deinit { close(lock) }

  /// Nil when the folder takes writes; otherwise what is wrong.
  func problem() -> String? {
    access(path, W_OK | X_OK) == 0 ? nil : "The data folder cannot be written."
  }
}
