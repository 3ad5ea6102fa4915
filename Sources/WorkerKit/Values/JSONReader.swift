/// How much a JSON text may ask of its reader.
public struct JSONLimits: Sendable, Hashable {
  /// How deep arrays and objects may be nested; a text or a number alone has depth 0.
  public var depth: Int

  /// Limits with the given depth.
  public init(depth: Int) { self.depth = depth }

  /// 64 levels.
  public static let standard = JSONLimits(depth: 64)
}

/// Reads JSON as RFC 8259 defines it, and nothing beyond it.
///
/// - A number without fraction and exponent that fits `Int64` becomes `.integer` (`-0` becomes `0`); every other
///   number becomes the nearest `.double`. A number beyond the largest double is an error; one too small becomes 0.
/// - A key that occurs twice in one object is an error. Keys are compared as Swift compares texts: two spellings of
///   the same characters (Unicode canonical equivalence) count as one key.
/// - A byte order mark, comments, trailing commas, and bytes after the value are errors.
///
/// The time is linear in the input's length. The caller bounds that length.
public enum JSONReader {
  /// Reads one value that takes up all of `bytes`.
  /// - Throws: The first error in the order of the bytes.
  public static func parse(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) -> JSON {
    try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in try parse(buffer, limits: limits) }
  }

  /// Reads one value that takes up all of `text`.
  /// - Throws: The first error in the order of the bytes.
  public static func parse(_ text: String, limits: JSONLimits = .standard) throws(JSONError) -> JSON {
    try parse(Array(text.utf8), limits: limits)
  }

  /// Reads one value that takes up all of `buffer`, which is not used after the call.
  /// - Throws: The first error in the order of the bytes.
  public static func parse(
    _ buffer: UnsafeBufferPointer<UInt8>, limits: JSONLimits = .standard
  ) throws(JSONError) -> JSON {
    var parser = JSONParser(input: buffer, maximumDepth: limits.depth)
    do throws(JSONFault) {
      return try parser.document()
    } catch {
      throw error.located(in: buffer)
    }
  }
}
