import Synchronization
import WorkerKit

/// Objects that live as long as their test.
final class MemoryObjects: ObjectStore {
  private let objects = Mutex<[String: [UInt8]]>([:])

  /// Every object, by tenant and key.
  var all: [String: [UInt8]] { objects.withLock { $0 } }

  func read(_ key: String, of tenant: TenantID, limit: Int) async throws(Failure) -> [UInt8] {
    guard let bytes = all["\(tenant)/\(key)"] else { throw Self.missing }
    return bytes
  }

  func write(_ bytes: [UInt8], as key: String, of tenant: TenantID) async throws(Failure) {
    objects.withLock { $0["\(tenant)/\(key)"] = bytes }
  }

  func fetch(_ key: String, of tenant: TenantID, to path: String) async throws(Failure) { throw Self.missing }

  func keep(
    file path: String, in folder: String, suffix: String, contentType: String, of tenant: TenantID
  ) async throws(Failure) -> Artifact {
    throw Self.missing
  }

  private static let missing = Failure(.permanent, "missing_object", "There is no such object.")
}
