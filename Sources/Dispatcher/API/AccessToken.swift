/// The secret that every request has to bring, as `Authorization: Bearer …` (RFC 6750).
struct AccessToken: Sendable {
  /// The fewest bytes of a token.
  static let shortest = 16

  private let secret: [UInt8]

  init(_ text: String) { secret = Array(text.utf8) }

  /// True when the header brings the token. The time it takes depends on the header's length alone, so that a wrong
  /// token cannot be mended byte by byte.
  func admits(_ authorization: String?) -> Bool {
    let parts = (authorization ?? "").split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return false }
    let offered = Array(parts[1].utf8)
    var difference = UInt8(offered.count == secret.count ? 0 : 1)
    for (index, byte) in offered.enumerated() { difference |= byte ^ secret[index % secret.count] }
    return difference == 0
  }
}
