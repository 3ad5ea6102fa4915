import Foundation
import Testing
import WorkerKit
import WorkerKitTesting

/// Walks minute by minute through Python's local times, and compares each tick.
@Suite(
  "Cron expressions: a brute-force peer", .timeLimit(.minutes(10)),
  .enabled("needs python3 with zoneinfo") { await PythonPeer.has("zoneinfo") })
struct CronPeerTests {
  struct Window {
    let zone: String
    /// Seconds since 1970, of a full minute.
    let start: Int64
    let expressions: [String]

    var json: JSON {
      .object([
        "zone": .string(zone), "start": .integer(start), "end": .integer(start + Window.length),
        "expressions": .array(expressions.map { .string($0) }),
      ])
    }

    static let length: Int64 = 2 * 86_400
  }

  /// Moments at which clocks change: by an hour, two, half of one, at midnight, by a day, and beyond every table.
  private static let changes = [
    ("Europe/Berlin", "2026-03-29T01:00:00Z"), ("Europe/Berlin", "2026-10-25T01:00:00Z"),
    ("America/New_York", "2026-03-08T07:00:00Z"), ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"), ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"), ("Pacific/Kwajalein", "1993-08-21T12:00:00Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z"), ("America/Sao_Paulo", "2018-02-18T02:00:00Z"),
    ("Antarctica/Troll", "2026-03-29T01:00:00Z"), ("Antarctica/Troll", "2026-10-25T01:00:00Z"),
    ("Europe/Dublin", "2026-03-29T01:00:00Z"), ("Europe/Dublin", "2026-10-25T01:00:00Z"),
    ("America/Caracas", "2016-05-01T07:00:00Z"), ("Asia/Pyongyang", "2015-08-14T15:00:00Z"),
    ("Africa/Casablanca", "2026-02-15T02:00:00Z"), ("Pacific/Chatham", "2026-04-04T14:00:00Z"),
    ("Europe/Berlin", "2090-03-26T01:00:00Z"), ("America/New_York", "2090-11-05T06:00:00Z"),
    ("Australia/Sydney", "2095-04-02T16:00:00Z"), ("Africa/Cairo", "2026-04-23T22:00:00Z"),
  ]

  @Test("random expressions tick at the minutes that the peer finds, forwards and backwards")
  func agrees() async throws {
    var random = SeededGenerator.announced("cron against zoneinfo")
    let names = TimeZoneFolder.system.names
    let windows = try (0..<FuzzCount.of(50)).map { index in
      let (zone, moment) = try Self.place(index, names, using: &random)
      let start = (moment / 60 - Int64.random(in: 0...Window.length / 60, using: &random)) * 60
      return Window(zone: zone, start: start, expressions: (0..<40).map { _ in Self.expression(using: &random) })
    }
    let answer = try await PythonPeer.ask(Self.script, .array(windows.map(\.json)), deadline: FuzzCount.of(600))
    guard case .array(let found) = answer else { throw CancellationError() }
    var ticks = 0
    for (window, expected) in zip(windows, found) { ticks += try compare(window, expected) }
    #expect(found.count == windows.count && ticks > windows.count * 40)
  }

  private static func place(_ index: Int, _ names: [String], using random: inout SeededGenerator) throws
    -> (String, Int64)
  {
    if index < changes.count || Bool.random(using: &random) {
      let (zone, text) = changes[index % changes.count]
      return (zone, try #require(Timestamp(rfc3339: text)).milliseconds / 1000)
    }
    // Since 1975 every offset is one of whole minutes.
    return (
      try #require(names.randomElement(using: &random)), Int64.random(in: 157_766_400...5_000_000_000, using: &random)
    )
  }

  private func compare(_ window: Window, _ expected: JSON) throws -> Int {
    guard case .array(let lists) = expected else { return 0 }
    let zone = try TimeZoneFolder.system.rules(of: window.zone)
    var count = 0
    for (text, list) in zip(window.expressions, lists) {
      guard case .array(let numbers) = list else { continue }
      let theirs = numbers.map { $0.text() }
      let expression = try CronExpression(text)
      var ours: [Timestamp] = []
      var moment = Timestamp(milliseconds: window.start * 1000)
      let end = moment + .seconds(Window.length)
      while let next = expression.next(after: moment, in: zone), next <= end {
        ours.append(next)
        moment = next
      }
      let place = "\(text) in \(window.zone) from \(Timestamp(milliseconds: window.start * 1000))"
      #expect(ours.map { String($0.milliseconds / 1000) } == theirs, "\(place)")
      #expect(Self.backwards(expression, in: zone, from: end, count: ours.count) == ours, "back: \(place)")
      count += ours.count
    }
    return count
  }

  private static func backwards(_ expression: CronExpression, in zone: TimeZoneRules, from end: Timestamp, count: Int)
    -> [Timestamp]
  {
    var (found, moment) = ([Timestamp](), end)
    while found.count < count, let previous = expression.previous(upTo: moment, in: zone) {
      found.append(previous)
      moment = previous + .milliseconds(-1)
    }
    return found.reversed()
  }

  private static func expression(using random: inout SeededGenerator) -> String {
    let fields = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
    let stars = [0.2, 0.35, 0.7, 0.85, 0.7]
    return zip(fields, stars).map { bounds, star in
      if Double.random(in: 0..<1, using: &random) < star { return "*" }
      return (0..<Int.random(in: 1...3, using: &random)).map { _ in
        part(bounds.0, bounds.1, using: &random)
      }.joined(separator: ",")
    }.joined(separator: " ")
  }

  private static func part(_ least: Int, _ greatest: Int, using random: inout SeededGenerator) -> String {
    let (one, other) = (
      Int.random(in: least...greatest, using: &random), Int.random(in: least...greatest, using: &random)
    )
    let step = Int.random(in: 1...min(7, greatest), using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return "*/\(step)"
    case 1: return "\(min(one, other))-\(max(one, other))"
    case 2: return "\(min(one, other))-\(max(one, other))/\(step)"
    case 3 where greatest == 7: return ["sun", "Mon", "tue", "WED", "thu", "fri", "sat"][one % 7]
    case 3 where greatest == 12: return ["jan", "feb", "Mar", "apr", "may", "jun", "jul", "aug"][one % 8]
    default: return "\(one)"
    }
  }

  private static let script = """
    import calendar, datetime, json, sys, zoneinfo
    DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    MONTHS = ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    FIELDS = [(0, 59, []), (0, 23, []), (1, 31, []), (1, 12, MONTHS), (0, 7, DAYS)]

    def members(text, least, greatest, names):
        def value(word):
            return names.index(word.lower()) if word.lower() in names else int(word)
        found = set()
        for part in text.split(","):
            body, _, step = part.partition("/")
            if body == "*":
                low, high = least, greatest
            else:
                low, _, high = body.partition("-")
                low, high = value(low), value(high or low)
            found |= set(range(low, high + 1, int(step or 1)))
        return found

    def shown(number):
        wall = datetime.datetime(1970, 1, 1) + datetime.timedelta(minutes=number)
        return wall.minute, wall.hour, wall.day, wall.month, wall.isoweekday()

    def ticks(window):
        zone = zoneinfo.ZoneInfo(window["zone"])
        latest, rows = None, []
        for moment in range(window["start"] - 2 * 86400, window["end"] + 60, 60):
            wall = datetime.datetime.fromtimestamp(moment, zone).replace(tzinfo=None)
            number = calendar.timegm(wall.timetuple()) // 60
            new = range(latest + 1, number + 1) if latest is not None else range(0)
            latest = number if latest is None else max(latest, number)
            if moment > window["start"]:
                rows.append((moment, shown(number), [shown(minute) for minute in new]))
        for text in window["expressions"]:
            words = text.split()
            sets = [members(word, *field) for word, field in zip(words, FIELDS)]
            minutes, hours, dates, months, weekdays = sets
            if 0 in weekdays:
                weekdays.add(7)
            either = not words[2].startswith("*") and not words[4].startswith("*")
            def comes(at):
                if at[0] not in minutes or at[1] not in hours or at[3] not in months:
                    return False
                days = (at[2] in dates, at[4] in weekdays)
                return any(days) if either else all(days)
            if len(hours) == 24:
                yield [moment for moment, now, _ in rows if comes(now)]
            else:
                yield [moment for moment, _, new in rows if any(comes(at) for at in new)]

    windows = json.load(sys.stdin)
    print(json.dumps([list(ticks(window)) for window in windows]))
    """
}
