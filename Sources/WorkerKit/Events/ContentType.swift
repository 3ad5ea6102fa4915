/// A media type (RFC 9110 section 8.3.1): `text/plain; charset=utf-8`.
public struct ContentType: Sendable, Hashable {
  /// The media type as it was written.
  let text: String
  /// The type and the subtype in lower case, without parameters: `text/plain`.
  public let essence: String
  /// The `charset` in lower case, where there is one.
  public let charset: String?

  /// Reads a media type; nil where the text holds no type and subtype.
  public init?(_ text: String) {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
    let essence = parts[0].lowercased()
    let names = essence.split(separator: "/", omittingEmptySubsequences: false)
    guard names.count == 2, names.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isPlain) }) else { return nil }
    self.text = text
    self.essence = essence
    charset = parts.dropFirst().lazy.compactMap(Self.charset).first
  }

  /// True for `*/json` and `*/*+json`, which CloudEvents' JSON event format counts as JSON (section 3.1.1).
  public var isJSON: Bool { essence.hasSuffix("/json") || essence.hasSuffix("+json") }

  /// True for types whose content is text: `text/*`, and XML of any kind (RFC 7303).
  var isText: Bool { essence.hasPrefix("text/") || essence == "application/xml" || essence.hasSuffix("+xml") }

  /// True unless another encoding than UTF-8, or than ASCII within it, is named.
  var isUTF8: Bool { charset.map { ["utf-8", "utf8", "us-ascii"].contains($0) } ?? true }

  private static func charset(_ parameter: Substring) -> String? {
    let halves = parameter.split(separator: "=", maxSplits: 1).map(trimmed)
    guard halves.count == 2, halves[0].lowercased() == "charset" else { return nil }
    return halves[1].filter { $0 != "\"" }.lowercased()
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let start = text.drop { $0 == " " || $0 == "\t" }
    guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return start[...last]
  }

  private static func isPlain(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }
}
