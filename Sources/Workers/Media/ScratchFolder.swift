import DriverThreads
import FoundationEssentials
public import WorkerKit

/// Private folders for the files of one attempt each, below one folder that is emptied at start.
public final class ScratchFolder: Sendable {
  private let root: String
  private let thread = WorkThread(name: "scratch")

  /// Uses the folder at `root`; what a killed process left in it is removed.
  /// - Throws: A `Failure` when the folder cannot be made.
  public init(root: String) throws(Failure) {
    self.root = root
    try? FileManager.default.removeItem(atPath: root)
    try Self.createFolder(root)
  }

  /// Makes a folder that only this user can read.
  func make(named name: String) async throws(Failure) -> String {
    let path = "\(root)/\(name)"
    let result = await thread.run { () -> Result<String, Failure> in
      do throws(Failure) {
        try Self.createFolder(path)
        return .success(path)
      } catch { return .failure(error) }
    }
    return try (result ?? .failure(Self.unavailable(path))).get()
  }

  /// Removes a folder and what is in it.
  func remove(_ path: String) async {
    _ = await thread.run { try? FileManager.default.removeItem(atPath: path) }
  }

  private static func createFolder(_ path: String) throws(Failure) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw unavailable(path)
    }
  }

  private static func unavailable(_ path: String) -> Failure {
    Failure(
      .transient, "scratch_unavailable",
      "A temporary folder cannot be made; check the data folder's space and permissions.",
      fields: ["path": path])
  }
}
