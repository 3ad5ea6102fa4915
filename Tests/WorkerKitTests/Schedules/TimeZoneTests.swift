import Foundation
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Time zones", .timeLimit(.minutes(5)))
struct TimeZoneTests {
  private static let database = TimeZoneFolder.system

  private static func offset(_ name: String, at text: String) throws -> Duration {
    try database.rules(of: name).offset(at: try #require(Timestamp(rfc3339: text)))
  }

  static let samples: [(String, String, Int)] = [
    ("Europe/Berlin", "2026-01-01T00:00:00Z", 3600), ("Europe/Berlin", "2026-07-01T00:00:00Z", 7200),
    ("Europe/Berlin", "2026-03-29T00:59:59Z", 3600), ("Europe/Berlin", "2026-03-29T01:00:00Z", 7200),
    ("Europe/Berlin", "2126-07-01T00:00:00Z", 7200), ("Europe/Berlin", "9999-12-31T00:00:00Z", 3600),
    // Local mean time.
    ("Europe/Berlin", "0001-01-01T00:00:00Z", 3208), ("Asia/Kolkata", "2100-01-01T00:00:00Z", 19_800),
    ("Australia/Lord_Howe", "2126-01-01T00:00:00Z", 39_600), ("Pacific/Apia", "2012-01-01T00:00:00Z", 50_400),
    // Its winter time is the one that departs from the standard.
    ("Europe/Dublin", "2126-01-01T00:00:00Z", 0), ("Europe/Dublin", "2126-07-01T00:00:00Z", 3600),
    // Its rule ends on the day before the last Sunday.
    ("America/Nuuk", "2126-07-01T00:00:00Z", -3600), ("UTC", "2026-01-01T00:00:00Z", 0),
    ("Etc/GMT+5", "2026-01-01T00:00:00Z", -18_000),
  ]

  @Test("offsets of the table, before it, and by the rule after it", arguments: samples)
  func offsets(name: String, moment: String, seconds: Int) throws {
    #expect(try Self.offset(name, at: moment) == .seconds(seconds))
  }

  @Test("UTC needs no file")
  func utcNeedsNoFile() throws {
    #expect(try TimeZoneFolder("/nowhere").rules(of: "UTC") == .utc)
    let error = #expect(throws: TimeZoneError.self) { try TimeZoneFolder("/nowhere").rules(of: "Europe/Berlin") }
    #expect(error?.kind == .noDatabase)
    #expect(error?.hint == "install the package tzdata, or use UTC")
  }

  @Test(
    "no name leads out of the folder, or to what is no zone",
    arguments: [
      "../../../etc/passwd", "/etc/localtime", "Europe/../Europe/Berlin", "./UTC", "Europe//Berlin", "Europe/Berlin/",
      "", ".", "..", "Europe/Berlin\u{0}", "Europe\\Berlin", "right/UTC", "posix/UTC", "localtime", "zone.tab",
      "Éurope/Berlin", String(repeating: "A", count: 65),
    ])
  func refusesPaths(name: String) throws {
    let error = #expect(throws: TimeZoneError.self) { try Self.database.rules(of: name) }
    #expect(error?.kind == .invalidName)
  }

  static let unknown: [(String, String?)] = [
    ("Europe/Berln", "did you mean 'Europe/Berlin'?"), ("europe/berlin", "did you mean 'Europe/Berlin'?"),
    ("Berlin", "did you mean 'Europe/Berlin'?"), ("Pst", nil), ("Mars/Olympus_Mons", nil), ("Europe", nil),
  ]

  @Test("an unknown name is refused with what was probably meant", arguments: unknown)
  func suggests(name: String, hint: String?) throws {
    let error = #expect(throws: TimeZoneError.self) { try Self.database.rules(of: name) }
    #expect(error?.kind == .unknown)
    #expect(error?.hint == hint ?? "names are those of the IANA database, like Europe/Berlin or UTC")
  }

  @Test("a folder without zones is no database, and a file that is none is refused")
  func damagedFiles() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data("no zone".utf8).write(to: folder.appending(path: "Here"))
    let error = #expect(throws: TimeZoneError.self) { try TimeZoneFolder(folder.path()).rules(of: "Here") }
    #expect(error?.kind == .damaged)
  }

  @Test(
    "every zone of the machine is read, and agrees with Python at random moments",
    .enabled("needs python3 with zoneinfo") { await PythonPeer.has("zoneinfo") })
  func agrees() async throws {
    var random = SeededGenerator.announced("time zones against zoneinfo")
    let names = Self.database.names
    #expect(names.count > 300)
    let cases = names.map { name in
      (name, (0..<40).map { _ in Int64.random(in: -3_000_000_000...8_000_000_000, using: &random) })
    }
    let input = JSON.array(cases.map { .array([.string($0), .array($1.map { .integer($0) })]) })
    let answer = try await PythonPeer.ask(Self.script, input)
    let ours = try cases.map { name, moments in
      let rules = try Self.database.rules(of: name)
      return JSON.array(
        moments.map { .integer(rules.offset(at: Timestamp(milliseconds: $0 * 1000)).components.seconds) })
    }
    #expect(answer == .array(ours))
  }

  private static let script = """
    import datetime, json, sys, zoneinfo
    def offset(zone, moment):
        wall = datetime.datetime.fromtimestamp(moment, zone)
        return int(wall.utcoffset().total_seconds())
    cases = json.load(sys.stdin)
    print(json.dumps([[offset(zoneinfo.ZoneInfo(name), moment) for moment in moments] for name, moments in cases]))
    """
}
