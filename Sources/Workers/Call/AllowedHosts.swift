import HTTPDriver

/// Hosts that may be called although their addresses are not public: `internal.example,10.0.0.7:8080,[fd00::1]`.
public struct AllowedHosts: Sendable, Hashable {
  private let entries: Set<Entry>

  private struct Entry: Hashable {
    let host: String
    /// Nil for every port.
    let port: Int?
  }

  /// No host.
  public static let none = AllowedHosts(entries: [])

  private init(entries: Set<Entry>) { self.entries = entries }

  /// Reads a list of hosts with commas between them, each with a port or without, which stands for every port. A host
  /// is a name or an address as URLs write it, and matches what stands in the URL, whatever it resolves to.
  /// - Throws: The entry that is none, as an `AllowedHostsError`.
  public init(_ text: String) throws(AllowedHostsError) {
    var entries: Set<Entry> = []
    for part in text.split(separator: ",") {
      let word = part.filter { $0 != " " }
      if word.isEmpty { continue }
      let isWhole = word.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !word.contains { "/@?#*".contains($0) }
      guard isWhole, let target = try? HTTPTarget(url: "http://\(word)/") else {
        throw AllowedHostsError(entry: word)
      }
      let hasPort = word.hasSuffix(":\(target.port)")
      guard hasPort || word.hasSuffix("]") || !word.contains(":") else { throw AllowedHostsError(entry: word) }
      entries.insert(Entry(host: target.host, port: hasPort ? target.port : nil))
    }
    self.init(entries: entries)
  }

  /// True where the list names the host, with this port or without a port.
  func contains(_ target: HTTPTarget) -> Bool {
    entries.contains(Entry(host: target.host, port: nil))
      || entries.contains(Entry(host: target.host, port: target.port))
  }
}

/// What is no host in a list of hosts.
public struct AllowedHostsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The entry as it was written.
  public let entry: String

  /// One line for a person.
  public var description: String { "'\(entry)' is not a host like internal.example, 10.0.0.7:8080 or [fd00::1]:80" }
}
