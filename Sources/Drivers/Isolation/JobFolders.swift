import DriverThreads
import FoundationEssentials
import WorkerKit

/// A private folder for each job that runs, below one folder of this process's own.
struct JobFolders: Sendable {
  private let root: String
  private let thread = WorkThread(name: "job-folders")

  init(root: String) { self.root = root }

  /// Makes a folder that only this user can read.
  func make(named name: String) async throws(Failure) -> String {
    let path = "\(root)/\(name)"
    let isMade = await thread.run {
      let made: Void? = try? FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      return made != nil
    }
    guard isMade == true else {
      throw Failure(
        .transient, "isolation_folder", "A temporary folder cannot be made; check the disk's space and permissions.",
        fields: ["path": path])
    }
    return path
  }

  /// Removes a folder and what is in it.
  func remove(_ path: String) async {
    _ = await thread.run { try? FileManager.default.removeItem(atPath: path) }
  }
}
