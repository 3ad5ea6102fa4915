import FoundationEssentials
import Glibc

/// A folder for this process's passing files, below one that several processes share.
///
/// A lock on the folder says that its process lives. What dead processes have left is removed by whoever comes next.
final class PrivateScratch: Sendable {
  /// The folder's path.
  let path: String
  private let lock: Int32

  /// Makes the folder `name` in `shared`, and removes what nobody holds any more.
  init(in shared: String, named name: String) throws(CommandError) {
    path = "\(shared)/\(name)"
    guard Self.makeFolder(shared) else { throw Self.unavailable(shared) }
    // One process at a time, since a folder that is made and not locked yet looks like one that was left.
    let door = open("\(shared)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard door >= 0, flock(door, LOCK_EX) == 0 else { throw Self.unavailable(shared) }
    defer { close(door) }
    guard Self.makeFolder(path), let held = Self.hold(path) else { throw Self.unavailable(path) }
    lock = held
    Self.removeLeft(in: shared)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
    close(lock)
  }

  private static func removeLeft(in shared: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: shared)) ?? [] where name != ".lock" {
      guard let held = hold("\(shared)/\(name)") else { continue }
      try? FileManager.default.removeItem(atPath: "\(shared)/\(name)")
      close(held)
    }
  }

  /// The folder's descriptor with its lock; nil where another process has it.
  private static func hold(_ path: String) -> Int32? {
    let folder = open(path, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return nil }
    if flock(folder, LOCK_EX | LOCK_NB) == 0 { return folder }
    close(folder)
    return nil
  }

  private static func makeFolder(_ path: String) -> Bool {
    let made: Void? = try? FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return made != nil
  }

  private static func unavailable(_ path: String) -> CommandError {
    .failed("cannot make the folder \(path) for passing files; check the disk's space and permissions")
  }
}
