/// `${root.path}`: stands for a value of the event or of an earlier stage's output.
public struct Reference: Sendable, Hashable, CustomStringConvertible {
  /// `event`, or a stage's name.
  public let root: String
  /// Keys and indices below it.
  public let path: [String]

  /// What it stands for where it leads to nothing: `${thumbnails.files:-[]}`; nil where it must lead somewhere.
  public let fallback: JSON?

  /// Names a value.
  public init(root: String, path: [String], fallback: JSON? = nil) {
    self.root = root
    self.path = path
    self.fallback = fallback
  }

  /// The reference as files write it.
  public var description: String {
    "${\(([root] + path).joined(separator: "."))\(fallback.map { ":-" + $0.text() } ?? "")}"
  }

  /// The root that stands for the event.
  public static let event = "event"

  /// What stands between the path and the fallback.
  static let fallbackMark = ":-"

  /// Reads what stands between the braces: keys of letters, digits, `_` and `-`, and indices, joined by dots; then
  /// `:-` and a fallback, where there is one. A fallback that is JSON stands for its value, any other for its text.
  init?(_ text: some StringProtocol) {
    let mark = text.firstRange(of: Self.fallbackMark)
    let parts = text[..<(mark?.lowerBound ?? text.endIndex)]
      .split(omittingEmptySubsequences: false) { $0 == "." }.map { String($0) }
    guard parts.allSatisfy(Self.isKey) else { return nil }
    var fallback: JSON?
    if let mark {
      let words = String(text[mark.upperBound...])
      guard !words.contains("${") else { return nil }
      fallback = (try? JSONReader.parse(words)) ?? .string(words)
    }
    self.init(root: parts[0], path: Array(parts.dropFirst()), fallback: fallback)
  }

  /// Where the reference that begins `text` ends: at the first `}`. In a fallback that begins with `{`, `[` or `"`, at
  /// the first that closes no `{` of it and is not within quotes.
  static func end(in text: Substring) -> String.Index? {
    let scalars = text.unicodeScalars
    guard let close = scalars.firstIndex(of: "}") else { return nil }
    guard let mark = text[..<close].firstRange(of: fallbackMark)?.upperBound,
      "{[\"".unicodeScalars.contains(scalars[mark])
    else { return close }
    var (depth, isQuoted, isEscaped) = (0, false, false)
    for index in scalars[mark...].indices {
      switch scalars[index] {
      case _ where isEscaped: isEscaped = false
      case "\\" where isQuoted: isEscaped = true
      case "\"": isQuoted.toggle()
      case _ where isQuoted: continue
      case "{": depth += 1
      case "}" where depth == 0: return index
      case "}": depth -= 1
      default: continue
      }
    }
    return nil
  }

  private static func isKey(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
      }
  }
}
