/// A form of texts in which `*` stands for any characters, also none; `\*` and `\\` stand for themselves
/// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html, "Wildcard matching").
public struct Wildcard: Sendable, Hashable {
  /// Why a text is no wildcard.
  public enum Fault: Error, Sendable, Hashable {
    /// Two `*` stand side by side.
    case repeatedStar
    /// A backslash stands before something other than `*` and a backslash.
    case unknownEscape
    /// The text has more than `mostBytes`.
    case tooLong
  }

  /// The longest wildcard, in UTF-8 bytes; it bounds what a comparison costs.
  public static let mostBytes = 1024

  /// The wildcard as it was written.
  public let source: String
  /// What stands before, between and after the stars; one piece where there is none.
  let pieces: [[UInt8]]

  /// Reads a wildcard.
  /// - Throws: The first fault.
  public init(_ source: String) throws(Fault) {
    guard source.utf8.count <= Self.mostBytes else { throw .tooLong }
    var (pieces, wasStar, isEscaped) = ([[UInt8]()], false, false)
    for byte in source.utf8 {
      let isStar = byte == UInt8(ascii: "*")
      let isBackslash = byte == UInt8(ascii: "\\")
      if isEscaped {
        guard isStar || isBackslash else { throw .unknownEscape }
        isEscaped = false
      } else if isBackslash {
        (isEscaped, wasStar) = (true, false)
        continue
      } else if isStar {
        guard !wasStar else { throw .repeatedStar }
        wasStar = true
        pieces.append([])
        continue
      }
      wasStar = false
      pieces[pieces.count - 1].append(byte)
    }
    guard !isEscaped else { throw .unknownEscape }
    self.source = source
    self.pieces = pieces
  }

  /// Whether a text, given by its UTF-8 bytes, is of this form.
  func matches(_ text: [UInt8]) -> Bool {
    guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return text == pieces.first }
    guard text.count >= first.count + last.count, text.starts(with: first), text.suffix(last.count) == last[...]
    else { return false }
    var rest = text[first.count..<text.count - last.count]
    // The earliest place for each piece leaves the most room for those after it.
    for piece in pieces.dropFirst().dropLast() {
      guard let end = rest.end(ofFirst: piece) else { return false }
      rest = rest[end...]
    }
    return true
  }
}

extension ArraySlice<UInt8> {
  fileprivate func end(ofFirst piece: [UInt8]) -> Int? {
    guard let initial = piece.first else { return startIndex }
    var at = startIndex
    while at + piece.count <= endIndex {
      if self[at] == initial, self[at..<at + piece.count] == piece[...] { return at + piece.count }
      at += 1
    }
    return nil
  }
}
