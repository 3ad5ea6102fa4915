/// Sizes as files write them: a whole number and a unit.
public enum ByteSizeText {
  /// Reads `512B`, `64KiB`, `512MiB`, `1GiB` or `2TiB` as bytes; nil where the text is something else or far too large.
  ///
  /// Units of a thousand, like `MB`, are not read: who writes one may mean either.
  public static func read(_ text: String) -> Int? {
    let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    guard let number = Int(String(digits) ?? "-") else { return nil }
    let unit = text.dropFirst(digits.count)
    guard let shift = ["B": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40][unit] else { return nil }
    let (bytes, overflows) = number.multipliedReportingOverflow(by: 1 << shift)
    return overflows ? nil : bytes
  }
}
