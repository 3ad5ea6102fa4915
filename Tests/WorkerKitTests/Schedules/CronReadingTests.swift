import Testing
import WorkerKit

@Suite("Cron expressions: reading", .timeLimit(.minutes(5)))
struct CronReadingTests {
  private static func times(_ text: String, from start: String, count: Int) throws -> [String] {
    let expression = try CronExpression(text)
    var moment = try #require(Timestamp(rfc3339: start))
    return try (0..<count).map { _ in
      moment = try #require(expression.next(after: moment, in: .utc))
      return String(moment.description.dropLast(8))
    }
  }

  static let readings: [(String, [String])] = [
    ("*/20 * * * *", ["2026-01-01T00:20", "2026-01-01T00:40", "2026-01-01T01:00"]),
    ("5,10-12,58-59 4 * * *", ["2026-01-01T04:05", "2026-01-01T04:10", "2026-01-01T04:11"]),
    ("10-40/15 1 * * *", ["2026-01-01T01:10", "2026-01-01T01:25", "2026-01-01T01:40"]),
    ("0 0 * * sun", ["2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00"]),
    ("0 0 * * 0", ["2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00"]),
    ("0 0 * * 7", ["2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00"]),
    ("0 0 * * 6-7", ["2026-01-03T00:00", "2026-01-04T00:00", "2026-01-10T00:00"]),
    ("0 0 * * Mon-wed,FRI", ["2026-01-02T00:00", "2026-01-05T00:00", "2026-01-06T00:00"]),
    ("0 0 1 feb,Jun-jul *", ["2026-02-01T00:00", "2026-06-01T00:00", "2026-07-01T00:00"]),
    ("0 12 31 * *", ["2026-01-31T12:00", "2026-03-31T12:00", "2026-05-31T12:00"]),
    ("0 0 29 2 *", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
    ("@hourly", ["2026-01-01T01:00", "2026-01-01T02:00", "2026-01-01T03:00"]),
    ("@daily", ["2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00"]),
    ("@weekly", ["2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00"]),
    ("@monthly", ["2026-02-01T00:00", "2026-03-01T00:00", "2026-04-01T00:00"]),
    ("@yearly", ["2027-01-01T00:00", "2028-01-01T00:00", "2029-01-01T00:00"]),
    (" 0\t0  1 1 * ", ["2027-01-01T00:00", "2028-01-01T00:00", "2029-01-01T00:00"]),
  ]

  @Test("fields, lists, ranges, steps and names", arguments: readings)
  func reads(text: String, expected: [String]) throws {
    #expect(try Self.times(text, from: "2026-01-01T00:00:00Z", count: 3) == expected)
  }

  @Test("a day needs to be in one field of days where both are restricted, and in both where one begins with *")
  func joinsDays() throws {
    let either = try Self.times("0 0 13 * fri", from: "2026-01-01T00:00:00Z", count: 4)
    #expect(either == ["2026-01-02T00:00", "2026-01-09T00:00", "2026-01-13T00:00", "2026-01-16T00:00"])
    let both = try Self.times("0 0 */10 * thu", from: "2026-01-01T00:00:00Z", count: 3)
    #expect(both == ["2026-05-21T00:00", "2026-06-11T00:00", "2026-10-01T00:00"])
  }

  @Test("29 February on a Sunday comes after 28 years and more, and 30 February never")
  func rareDays() throws {
    let rare = try Self.times("0 0 29 2 */7", from: "2060-01-01T00:00:00Z", count: 3)
    #expect(rare == ["2060-02-29T00:00", "2088-02-29T00:00", "2128-02-29T00:00"])
    let start = Timestamp(milliseconds: 0)
    for never in ["0 0 30 2 *", "0 0 31 4,6,9,11 *"] {
      #expect(try CronExpression(never).next(after: start, in: .utc) == nil)
      #expect(try CronExpression(never).previous(upTo: start, in: .utc) == nil)
    }
    let last = try #require(Timestamp(rfc3339: "9999-12-31T23:59:00Z"))
    #expect(try CronExpression("* * * * *").next(after: last, in: .utc) == nil)
    #expect(try CronExpression("0 3 * * *").next(after: last, in: .utc) == nil)
    #expect(try CronExpression("* * * * *").next(after: Timestamp(milliseconds: .max), in: .utc) == nil)
    #expect(try CronExpression("0 3 * * *").previous(upTo: Timestamp(milliseconds: .min), in: .utc) == nil)
  }

  @Test("next comes after a moment, previous may be at it")
  func bounds() throws {
    let expression = try CronExpression("0 3 * * *")
    let tick = try #require(Timestamp(rfc3339: "2026-05-05T03:00:00Z"))
    let day = Duration.seconds(86_400)
    #expect(expression.next(after: tick, in: .utc) == tick + day)
    #expect(expression.next(after: tick + .milliseconds(-1), in: .utc) == tick)
    #expect(expression.previous(upTo: tick, in: .utc) == tick)
    #expect(expression.previous(upTo: tick + .milliseconds(1), in: .utc) == tick)
    #expect(expression.previous(upTo: tick + .milliseconds(-1), in: .utc) == tick + .seconds(-86_400))
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    let text: String
    let field: CronField?
    let message: String?
    let hint: String?

    init(_ text: String, _ field: CronField?, _ message: String? = nil, hint: String? = nil) {
      (self.text, self.field, self.message, self.hint) = (text, field, message, hint)
    }

    var testDescription: String { text }
  }

  static let mistakes: [Mistake] = [
    Mistake("60 * * * *", .minute, "the minute is '60'; expected a number from 0 to 59"),
    Mistake("* 24 * * *", .hour, "the hour is '24'; expected a number from 0 to 23"),
    Mistake("* * 0 * *", .dayOfMonth, "the day of the month is '0'; expected a number from 1 to 31"),
    Mistake(
      "* * * jann *", .month, "the month is 'jann'; expected a number from 1 to 12, or a name from jan to dec",
      hint: "did you mean 'jan'?"),
    Mistake(
      "* * * * 8", .dayOfWeek, "the day of the week is '8'; expected a number from 0 to 7, or a name from sun to sat"),
    Mistake("*/90 * * * *", .minute, "the minute is '/90'; expected a step from 1 to 60"),
    Mistake("*/0 * * * *", .minute, "the minute is '/0'; expected a step from 1 to 60"),
    Mistake(
      "5/15 * * * *", .minute, "the minute is '5/15'; expected a range before the step",
      hint: "did you mean '5-59/15'?"),
    Mistake(
      "* 22-2 * * *", .hour, "the hour is '22-2'; expected a range that goes up", hint: "did you mean '22-23,0-2'?"),
    Mistake("* * * * fri-sun", .dayOfWeek, hint: "did you mean 'fri-6,0-sun'?"),
    Mistake(
      "0 3 * *", nil,
      """
      the cron expression is '0 3 * *'; expected five fields (minute, hour, day of the month, month, day of the week), \
      not 4
      """),
    Mistake("0 0 3 * * *", nil, hint: "there are no seconds; leave the first field out"),
    Mistake("@dayly", nil, hint: "did you mean '@daily' alone?"), Mistake("@reboot", nil),
    Mistake("@daily 1", nil, hint: "did you mean '@daily' alone?"),
    Mistake("", nil), Mistake(String(repeating: "1,", count: 300) + "1 * * * *", nil),
    Mistake("* * * * L", .dayOfWeek), Mistake("1,,2 * * * *", .minute), Mistake("+1 * * * *", .minute),
    Mistake("1-2-3 * * * *", .minute), Mistake("** * * * *", .minute), Mistake("1- * * * *", .minute),
    Mistake("99999999999999999999 * * * *", .minute), Mistake("*/ * * * *", .minute), Mistake("٣ * * * *", .minute),
    Mistake("* * ? * *", .dayOfMonth), Mistake("* * * mon *", .month), Mistake("-1 * * * *", .minute),
  ]

  @Test("what is wrong is named, with its field and what was expected", arguments: mistakes)
  func refuses(_ mistake: Mistake) throws {
    let error = #expect(throws: CronError.self) { try CronExpression(mistake.text) }
    #expect(error?.field == mistake.field)
    #expect(error?.hint == mistake.hint)
    if let message = mistake.message { #expect(error?.description == message) }
  }
}
