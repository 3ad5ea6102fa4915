/// Why bytes could not be compressed or decompressed.
public struct CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, as a short fixed word.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The bytes end before the data they announce.
    case truncated
    /// The bytes are damaged or were never compressed.
    case corrupt
    /// The output would be larger than the caller allows.
    case outputTooLarge = "output_too_large"
    /// Reading needs a larger window than `Zstandard.decompress` grants.
    case windowTooLarge = "window_too_large"
    /// The compression level does not exist.
    case invalidLevel = "invalid_level"
    /// The library could not get memory.
    case outOfMemory = "out_of_memory"
    /// The library refused for a reason of its own.
    case other
  }

  /// What is wrong.
  public let code: Code

  /// An error of the given code.
  public init(code: Code) { self.code = code }

  /// Whether the same bytes may work later: only a lack of memory passes.
  public var isTransient: Bool { code == .outOfMemory }

  /// A constant sentence for each code.
  public var description: String {
    switch code {
    case .truncated: "the compressed data ends too early"
    case .corrupt: "the data is not valid Zstandard data"
    case .outputTooLarge: "the decompressed data is larger than allowed"
    case .windowTooLarge: "the data was compressed with too large a window"
    case .invalidLevel: "the compression level is not one of 1 to 19"
    case .outOfMemory: "there is not enough memory"
    case .other: "the Zstandard library refused"
    }
  }
}
