import DriverThreads
public import WorkerKit

/// Objects in a folder: `ROOT/TENANT/KEY`. The embedded default.
public final class FolderObjectStore: ObjectStore {
  private let files: FolderFiles
  private let thread = WorkThread(name: "objects")

  /// Uses, and where it is missing creates, the folder at `root`.
  /// - Throws: A `Failure` when the folder can neither be read nor created.
  public init(root: String) throws(Failure) {
    files = try FolderFiles(root: root)
  }

  public func fetch(_ key: String, of tenant: TenantID, to path: String) async throws(Failure) {
    let key = try ObjectKey(key)
    try await run { files throws(Failure) in try files.fetch(key, of: tenant, to: path) }
  }

  public func read(_ key: String, of tenant: TenantID, limit: Int) async throws(Failure) -> [UInt8] {
    let key = try ObjectKey(key)
    return try await run { files throws(Failure) in try files.read(key, of: tenant, limit: limit) }
  }

  public func write(_ bytes: [UInt8], as key: String, of tenant: TenantID) async throws(Failure) {
    let key = try ObjectKey(key)
    try await run { files throws(Failure) in try files.write(bytes, as: key, of: tenant) }
  }

  public func keep(
    file path: String, in folder: String, suffix: String, contentType: String, of tenant: TenantID
  ) async throws(Failure) -> Artifact {
    try await run { files throws(Failure) in
      try files.keep(file: path, in: folder, suffix: suffix, contentType: contentType, of: tenant)
    }
  }

  private func run<Value: Sendable>(
    _ body: @escaping @Sendable (FolderFiles) throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let result = await thread.run { [files] () -> Result<Value, Failure> in
      do throws(Failure) { return .success(try body(files)) } catch { return .failure(error) }
    }
    return try (result ?? .failure(Self.closed)).get()
  }

  private static let closed = Failure(.transient, "object_store_closed", "The object store is closed.")
}
