import Foundation
import TestProcesses

/// A disk of a few mebibytes, for the time of a test: tmpfs(5).
public enum SmallDisk {
  /// Whether this process may mount; a container may be denied it even as root.
  public static var isPossible: Bool {
    get async throws {
      guard getuid() == 0 else { return false }
      do { try await mount(mebibytes: 1) { _ in } } catch is MountFailure { return false }
      return true
    }
  }

  /// The disk could not be mounted, or not be taken away again.
  public struct MountFailure: Error {}

  /// Runs a body with an empty disk's folder.
  public static func mount(mebibytes: Int, _ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "disk-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let mounting = Program("mount", ["-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", folder])
    guard await mounting.succeeds else { throw MountFailure() }
    let result: Result<Void, any Error>
    do { result = .success(try await body(folder)) } catch { result = .failure(error) }
    let isGone = await Program("umount", ["--lazy", folder]).succeeds
    try result.get()
    guard isGone else { throw MountFailure() }
  }
}
