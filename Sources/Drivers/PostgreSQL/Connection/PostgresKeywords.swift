internal import CPostgreSQL
import WorkerKit

/// Reads connection strings and the environment by libpq's own rules.
enum PostgresKeywords {
  /// The keywords of a connection string.
  static func read(_ text: String) throws(DriverError) -> [String: String] {
    guard text.contains(where: { !$0.isWhitespace }) else { return [:] }
    // libpq would take a part of the password for the host's name, and repeat it in its errors.
    guard !hasBareDelimiter(text) else { throw unreadable("write @ as %40 and / as %2F within user and password") }
    var complaint: UnsafeMutablePointer<CChar>?
    let options = PQconninfoParse(text, &complaint)
    // What libpq complains of holds the whole string.
    PQfreemem(complaint)
    guard let options else { throw unreadable("") }
    defer { PQconninfoFree(options) }
    return values(options)
  }

  /// What the environment, or the service file, says of a keyword; nil where only libpq's own default is left.
  static func fromEnvironment(_ keyword: String) -> String? {
    guard let options = PQconndefaults() else { return nil }
    defer { PQconninfoFree(options) }
    var option = options
    while let name = option.pointee.keyword {
      if String(cString: name) == keyword, let value = option.pointee.val {
        let text = String(cString: value)
        return text == option.pointee.compiled.map { String(cString: $0) } ? nil : text
      }
      option = option.advanced(by: 1)
    }
    return nil
  }

  private static func values(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
    var found: [String: String] = [:]
    var option = options
    while let name = option.pointee.keyword {
      if let value = option.pointee.val { found[String(cString: name)] = String(cString: value) }
      option = option.advanced(by: 1)
    }
    return found
  }

  /// True for a URL with an @ behind its first @ or behind the slash that ends the address.
  private static func hasBareDelimiter(_ text: String) -> Bool {
    guard let start = text.firstRange(of: "://")?.upperBound, text.hasPrefix("postgres") else { return false }
    let address = text[start...].prefix { $0 != "?" }
    let ats = address.filter { $0 == "@" }.count
    let slash = address.firstIndex(of: "/") ?? address.endIndex
    return ats > 1 || address[slash...].contains("@")
  }

  private static func unreadable(_ hint: String) -> DriverError {
    DriverError(
      .refused, "postgres_url",
      "The connection string cannot be read; it is like postgres://user@host:5432/database?sslmode=require.",
      detail: hint)
  }
}
