/// The formats that are checked; all others are for people alone.
enum SchemaFormat: String, Sendable, CaseIterable {
  case dateTime = "date-time"
  case date
  case uuid

  /// What a text of the format looks like.
  var example: String {
    switch self {
    case .dateTime: "a date and time like 2026-11-21T09:04:32Z"
    case .date: "a date like 2026-11-21"
    case .uuid: "a UUID like 2eb8aa08-aa98-11ea-b4aa-73b441d16380"
    }
  }

  func admits(_ text: String) -> Bool {
    switch self {
    case .dateTime: Timestamp(rfc3339: text) != nil
    case .date: text.utf8.count == 10 && Timestamp(rfc3339: text + "T00:00:00Z") != nil
    case .uuid: Self.isUUID(Array(text.utf8))
    }
  }

  /// The other formats of the draft, which are not checked.
  static let annotations: Set<String> = [
    "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri",
    "iri-reference", "uri-template", "json-pointer", "relative-json-pointer", "regex",
  ]

  private static func isUUID(_ bytes: [UInt8]) -> Bool {
    bytes.count == 36
      && bytes.enumerated().allSatisfy { place, byte in
        [8, 13, 18, 23].contains(place)
          ? byte == UInt8(ascii: "-") : byte < 0x80 && Character(Unicode.Scalar(byte)).isHexDigit
      }
  }
}
