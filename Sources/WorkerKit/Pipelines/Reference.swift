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

  /// Reads what stands between the braces: keys of letters, digits, `_` and `-`, and indices, joined by dots.
  init?(_ text: some StringProtocol) {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == "." }.map { String($0) }
    guard parts.allSatisfy(Self.isKey) else { return nil }
    self.init(root: parts[0], path: Array(parts.dropFirst()))
  }

  private static func isKey(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
      }
  }
}
