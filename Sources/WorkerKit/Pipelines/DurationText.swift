/// Lengths of time as files write them: a whole number and a unit.
public enum DurationText {
  /// The length as files write it, in the largest unit that it is a whole number of.
  public static func write(_ length: Duration) -> String {
    let milliseconds = length.milliseconds
    let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")]
    for (size, unit) in units where milliseconds >= size && milliseconds % size == 0 {
      return "\(milliseconds / size)\(unit)"
    }
    return "\(milliseconds)ms"
  }

  /// Reads `500ms`, `30s`, `2m`, `1h`, `7d`; nil where the text is something else or far too long.
  public static func read(_ text: String) -> Duration? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), number <= 1_000_000_000_000 else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": return .milliseconds(number)
    case "s": return .seconds(number)
    case "m": return .seconds(number * 60)
    case "h": return .seconds(number * 3600)
    case "d": return .seconds(number * 86_400)
    default: return nil
    }
  }
}
