/// Where objects are kept, by tenant and key. No tenant's key can reach another tenant's object.
///
/// Every verb throws a `Failure` whose kind says whether trying again helps: a missing object or an impossible key is
/// permanent, a store that cannot be reached is transient.
public protocol ObjectStore: Sendable {
  /// Brings an object to a file that does not exist yet; the file's content does not change afterwards.
  func fetch(_ key: String, of tenant: TenantID, to path: String) async throws(Failure)

  /// Reads an object of at most `limit` bytes; a larger one is a permanent failure.
  func read(_ key: String, of tenant: TenantID, limit: Int) async throws(Failure) -> [UInt8]

  /// Keeps bytes under a key. When it returns they are durable; nobody ever sees half of them.
  func write(_ bytes: [UInt8], as key: String, of tenant: TenantID) async throws(Failure)

  /// Keeps a file's content under a key that holds the content's SHA-256, so that keeping it again is the same thing:
  /// `folder/ab/abcd…` with `suffix` at its end. Durable when it returns; the file itself stays.
  func keep(
    file path: String, in folder: String, suffix: String, contentType: String, of tenant: TenantID
  ) async throws(Failure) -> Artifact
}
