/// The header field `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date in any of the three forms that
/// section 5.6.7 wants read.
public enum RetryAfter {
  /// The longest wait that a server may ask for.
  public static let longest = Duration.seconds(86_400)

  /// How long to wait, from nothing to `longest`; nil where the text is neither.
  public static func read(_ text: String, now: Timestamp) -> Duration? {
    if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return min(.seconds(Int64(text) ?? .max / 2_000_000_000), longest)
    }
    return date(text, now: now).map { min(max($0 - now, .zero), longest) }
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
  private static func date(_ text: String, now: Timestamp) -> Timestamp? {
    let words = text.split { $0 == " " || $0 == "-" || $0 == "," }.map(String.init)
    if words.count == 6, words[5] == "GMT" {
      return moment(day: words[1], month: words[2], year: century(words[3], now: now), time: words[4])
    }
    if words.count == 5 { return moment(day: words[2], month: words[1], year: words[4], time: words[3]) }
    return nil
  }

  /// A year of two digits is the one that is at most 50 years ahead.
  private static func century(_ year: String, now: Timestamp) -> String {
    guard year.utf8.count == 2, let short = Int(year), let present = Int(now.description.prefix(4)) else { return year }
    let full = present / 100 * 100 + short
    return String(full > present + 50 ? full - 100 : full)
  }

  private static func moment(day: String, month: String, year: String, time: String) -> Timestamp? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard let index = months.firstIndex(of: month) else { return nil }
    let numbers = [String(index + 1), day].map { $0.utf8.count == 1 ? "0\($0)" : $0 }
    return Timestamp(rfc3339: "\(year)-\(numbers[0])-\(numbers[1])T\(time)Z")
  }
}
