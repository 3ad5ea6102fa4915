import FoundationEssentials
import Glibc
import SupervisionDriver

/// The folder that holds what a server keeps in files. One server at a time has it, where its store is there too, and
/// workers join it; processes whose store is on servers share it.
final class DataFolder: Sendable {
  /// As it was named, for messages.
  let path: String
  /// The path for programs, which run in folders of their own.
  let absolutePath: String
  private let lock: Int32

  /// The database's file.
  var database: String { "\(absolutePath)/millrace.db" }
  /// The folder of stored objects.
  var objects: String { "\(absolutePath)/objects" }
  /// The key of callbacks' tokens.
  var callbackKey: String { "\(absolutePath)/callback.key" }
  /// What the server tells workers.
  var serverNote: String { "\(absolutePath)/server.json" }
  /// Spans that wait for the collector.
  var spans: String { "\(absolutePath)/spans" }
  /// Passing files: a folder for each process.
  var scratch: String { "\(absolutePath)/scratch" }
  /// How worker hosts have died.
  var crashes: CrashFile { CrashFile(path: "\(absolutePath)/crashes.jsonl") }
  /// Whether the folder is there.
  var exists: Bool { access(path, X_OK) == 0 }

  /// Creates the folder where it is missing, and takes it for this process until it ends; where it is `shared`, with
  /// others that share it.
  init(_ path: String, shared: Bool = false) throws(CommandError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try FileManager.default.createDirectory(atPath: "\(path)/objects", withIntermediateDirectories: true)
    } catch {
      throw Self.unusable(path)
    }
    let file = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw .failed("cannot write to the data folder \(path): \(String(cString: strerror(errno)))")
    }
    guard flock(file, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
      close(file)
      throw .failed("another server uses the data folder \(path); stop it, or name another folder with --data")
    }
    self.path = path
    absolutePath = AbsolutePath.of(path)
    lock = file
  }

  /// The folder of somebody else, without a claim to it.
  init(at path: String) {
    self.path = path
    absolutePath = AbsolutePath.of(path)
    lock = -1
  }

  /// Joins the folder of a server, which has made it.
  convenience init(joining path: String) throws(CommandError) {
    self.init(at: path)
    guard access(database, R_OK | W_OK) == 0 else {
      throw .failed("there is no store in \(path) yet, or it cannot be written; start millrace serve --data \(path)")
    }
  }

  private static func unusable(_ path: String) -> CommandError {
    var isFolder = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder {
      return .failed("\(path) is a file; --data names a folder")
    }
    return .failed("cannot create the data folder \(path); its parent must exist and be writable, or it itself")
  }

  deinit { if lock >= 0 { close(lock) } }

  /// Nil when the folder takes writes; otherwise what is wrong.
  func problem() -> String? {
    access(path, W_OK | X_OK) == 0 ? nil : "The data folder cannot be written."
  }
}
