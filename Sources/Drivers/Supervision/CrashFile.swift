import DriverThreads
import FoundationEssentials
internal import Glibc
public import WorkerKit

/// A file of deaths, one JSON object a line, the newest last. Several processes may write to it at once.
///
/// Past 1 MiB the older half leaves.
public struct CrashFile: Sendable {
  /// The file's path.
  public let path: String
  /// How long the file may become, in bytes, before its older half leaves.
  public static let limit = 1 << 20

  private let thread = WorkThread(name: "crash-file")

  /// Names a file, which need not be there.
  public init(path: String) { self.path = path }

  /// Adds a line.
  /// - Throws: A `Failure` where the file cannot be written.
  public func append(_ record: JSON) async throws(Failure) {
    let isWritten = await thread.run { [path] in Self.append(record.bytes() + [0x0A], to: path) }
    guard isWritten == true else {
      throw Failure(
        .transient, "crash_file_unwritable", "A death could not be noted; check the folder's space and permissions.",
        fields: ["path": path])
    }
  }

  /// The lines that can be read, oldest first; none where there is no file.
  public func records() -> [JSON] {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else { return [] }
    return data.split(separator: 0x0A).compactMap { try? JSONReader.parse(Array($0)) }
  }

  /// The lock is a file of its own, since the other one is replaced.
  private static func append(_ line: [UInt8], to path: String) -> Bool {
    let lock = open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else { return false }
    defer { close(lock) }
    let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { return false }
    defer { close(file) }
    guard line.withUnsafeBytes({ write(file, $0.baseAddress, $0.count) }) == line.count else { return false }
    return lseek(file, 0, SEEK_END) <= off_t(limit) || halve(path)
  }

  private static func halve(_ path: String) -> Bool {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else { return false }
    let newer = data.suffix(limit / 2)
    let whole = newer.drop { $0 != 0x0A }.dropFirst()
    return (try? Data(whole).write(to: URL(filePath: path), options: .atomic)) != nil
  }
}
