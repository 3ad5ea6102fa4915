/// The private-use characters that stand in for what Yams must not see; see `YAMLReader`.
enum PrivateCharacter {
  /// Stands in for `*`.
  static let alias: Unicode.Scalar = "\u{E000}"
  /// Make repeated keys different: one for each key.
  private static let keyMarks: ClosedRange<UInt32> = 0xE100...0xE11F

  /// The place of the first character that files must not hold, so that none is taken for one of ours.
  static func first(in text: String) -> Place? {
    var (line, column) = (1, 1)
    for scalar in text.unicodeScalars {
      if (0xE000...0xE1FF).contains(scalar.value) { return Place(line: line, column: column) }
      (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
    }
    return nil
  }

  /// The mark of the `index`-th repeated key, or nil when there are too many.
  static func keyMark(_ index: Int) -> Unicode.Scalar? {
    let value = keyMarks.lowerBound + UInt32(index)
    return keyMarks.contains(value) ? Unicode.Scalar(value) : nil
  }

  static func hideAliases(in text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "*")) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "*" ? alias : $0 }))
  }

  /// The text as the file has it.
  static func restore(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { (0xE000...0xE1FF).contains($0.value) }) else { return text }
    let scalars = text.unicodeScalars.lazy.filter { !keyMarks.contains($0.value) }.map { $0 == alias ? "*" : $0 }
    return String(String.UnicodeScalarView(scalars))
  }

  /// The place in the text as it was before the marks at `marked` were put in, one after the other.
  static func original(_ place: Place, marked: [Place]) -> Place {
    var place = place
    for mark in marked.reversed() where mark.line == place.line && mark.column < place.column {
      place = Place(line: place.line, column: place.column - 1)
    }
    return place
  }
}
