import CompressionDriver
import WorkerKit

/// The content of a revision, as shelves keep it.
enum RevisionContent {
  /// The largest content that is given back; a save comes in an event, whose payload is far smaller.
  private static let limit = 64 << 20

  /// What a save held before it was compressed.
  static func decompressed(_ body: [UInt8]) throws(DriverError) -> [UInt8] {
    do throws(CompressionError) {
      return try Zstandard.decompress(body, limit: limit)
    } catch {
      throw DriverError(
        .damaged, "revision_unreadable", "A kept revision cannot be decompressed; restore the store from a backup.")
    }
  }
}
