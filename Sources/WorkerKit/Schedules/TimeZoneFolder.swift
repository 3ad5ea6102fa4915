import FoundationEssentials
import Glibc
import Synchronization

/// The time zone database of the machine: a folder of files, as the package tzdata installs it.
///
/// A zone is read once; a newer database counts after a restart. `UTC` needs no file.
public final class TimeZoneFolder: Sendable {
  /// The folder.
  public let path: String
  private let known = Mutex<[String: TimeZoneRules]>(["UTC": .utc])

  /// Where systems keep it.
  public static let system = TimeZoneFolder("/usr/share/zoneinfo")

  /// Reads from the folder at `path`.
  public init(_ path: String) { self.path = path }

  /// The rules of a zone.
  /// - Throws: A `TimeZoneError` when there is no such zone, with a hint where one is near.
  public func rules(of name: String) throws(TimeZoneError) -> TimeZoneRules {
    if let rules = known.withLock({ $0[name] }) { return rules }
    guard Self.isName(name) else {
      throw TimeZoneError(
        .invalidName, name, "cannot be the name of a time zone", hint: Self.example)
    }
    guard let bytes = Self.bytes(of: "\(path)/\(name)") else { throw missing(name) }
    let rules = try TimeZoneRules(name: name, tzif: bytes)
    known.withLock { $0[name] = rules }
    return rules
  }

  /// The names of the zones that there are, sorted.
  public var names: [String] {
    let found = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
    let folders = Set(found.compactMap { path in path.lastIndex(of: "/").map { String(path[..<$0]) } })
    return found.filter { Self.isName($0) && !Self.others.contains($0) && !folders.contains($0) }.sorted()
  }

  private static let example = "names are those of the IANA database, like Europe/Berlin or UTC"
  /// What else the folder holds, under names that could be zones'.
  private static let others: Set<String> = ["posixrules", "leapseconds", "Factory"]
  /// Zones with leap seconds, which Unix time does not count; the same zones once more; the machine's own zone.
  private static let hidden: Set<Substring> = ["right", "posix", "localtime"]

  /// True where a text can be a name: it has no dot, so that it leads nowhere but into the folder.
  static func isName(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard text.utf8.count <= 64, let first = parts.first, !hidden.contains(first) else { return false }
    return parts.allSatisfy { part in
      !part.isEmpty
        && part.utf8.allSatisfy { byte in
          (0x41...0x5A).contains(byte & 0xDF) || (0x30...0x39).contains(byte) || "_+-".utf8.contains(byte)
        }
    }
  }

  private func missing(_ name: String) -> TimeZoneError {
    let names = names
    guard !names.isEmpty else {
      return TimeZoneError(
        .noDatabase, name, "cannot be looked up: this machine has no time zone database",
        hint: "install the package tzdata, or use UTC")
    }
    let near = Self.suggestion(for: name, among: names)
    return TimeZoneError(
      .unknown, name, "is not a time zone of this machine",
      hint: near.map { "did you mean '\($0)'?" } ?? Self.example)
  }

  /// The name of which `name` is the last part, or one that is spelt alike. Abbreviations are all alike, and mean
  /// different things.
  private static func suggestion(for name: String, among names: [String]) -> String? {
    let word = name.lowercased()
    if let place = names.first(where: { $0.lowercased().hasSuffix("/\(word)") }) { return place }
    return name.count > 4 ? Spelling.suggestion(for: name, among: names) : nil
  }

  /// A file's content, as far as the largest one goes; nil where it cannot be read.
  private static func bytes(of path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: TimeZoneFile.longest + 1)
    var count = 0
    while count < bytes.count {
      let added = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress.map { $0 + count }, $0.count - count) }
      guard added >= 0 else { return nil }
      if added == 0 { break }
      count += added
    }
    return Array(bytes.prefix(count))
  }
}
