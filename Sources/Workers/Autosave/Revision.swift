public import WorkerKit

/// One kept state of a document.
public struct Revision: Sendable, Hashable {
  /// The number that the editor gave it.
  public let number: Int
  /// The content's SHA-256, in lower-case hexadecimal.
  public let contentHash: String
  /// The content's length.
  public let bytes: Int
  /// How much of the disk it takes, compressed.
  public let storedBytes: Int
  public let savedAt: Timestamp

  /// Describes a revision.
  public init(number: Int, contentHash: String, bytes: Int, storedBytes: Int, savedAt: Timestamp) {
    self.number = number
    self.contentHash = contentHash
    self.bytes = bytes
    self.storedBytes = storedBytes
    self.savedAt = savedAt
  }
}

/// A save, ready to be kept.
public struct Save: Sendable {
  public let tenant: TenantID
  public let document: String
  public let revision: Int
  public let contentHash: String
  /// The content's length before compression.
  public let bytes: Int
  /// The content, Zstandard-compressed (RFC 8878).
  public let compressed: [UInt8]

  /// Describes a save.
  public init(
    tenant: TenantID, document: String, revision: Int, contentHash: String, bytes: Int, compressed: [UInt8]
  ) {
    self.tenant = tenant
    self.document = document
    self.revision = revision
    self.contentHash = contentHash
    self.bytes = bytes
    self.compressed = compressed
  }
}

/// What became of a save.
public struct SaveReceipt: Sendable, Hashable {
  /// False where the content was the same as that of the revision beside it, and none was made.
  public let isStored: Bool
  /// The newest revision number that the document has seen.
  public let head: Int

  /// Says what became of a save.
  public init(isStored: Bool, head: Int) {
    self.isStored = isStored
    self.head = head
  }
}

/// Where revisions of documents are kept.
///
/// Content is kept once for each tenant and hash. The newest revision is the one with the greatest number, not the one
/// that came last. Every save can be read under its number; a save with the same content as the one before it, by
/// number, is no revision, and which ones are does not depend on the order in which saves came.
public protocol RevisionShelf: Sendable {
  /// Keeps a save, if `authority` still holds, in one transaction with the check.
  /// - Throws: A `Failure`: permanent `revision_conflict` where the number is taken by other content, transient
  ///   `authority_lost` where the attempt has lost its lease.
  func keep(_ save: Save, by authority: Authority, at moment: Timestamp) async throws(Failure) -> SaveReceipt

  /// A document's revisions, newest number first, without repetitions; those below `before`, at most `limit`.
  func history(of document: String, tenant: TenantID, before: Int?, limit: Int) async throws(DriverError) -> [Revision]

  /// The content that was saved under a number, be it a revision or a repetition; or nil.
  func content(of document: String, revision: Int, tenant: TenantID) async throws(DriverError) -> [UInt8]?
}
