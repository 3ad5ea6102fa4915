import Foundation

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
    guard run("mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", folder) else { throw MountFailure() }
    let result: Result<Void, any Error>
    do { result = .success(try await body(folder)) } catch { result = .failure(error) }
    let isGone = run("umount", "--lazy", folder)
    try result.get()
    guard isGone else { throw MountFailure() }
  }

  private static func run(_ program: String, _ arguments: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
