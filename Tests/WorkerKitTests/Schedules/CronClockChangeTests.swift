import Testing
import WorkerKit

/// Real changes of real clocks.
@Suite("Cron expressions: changes of the clock", .timeLimit(.minutes(5)))
struct CronClockChangeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let cron: String
    let zone: String
    let start: String
    let ticks: [String]

    init(_ cron: String, _ zone: String, after start: String, _ ticks: String...) {
      (self.cron, self.zone, self.start, self.ticks) = (cron, zone, start, ticks)
    }

    var testDescription: String { "\(cron) in \(zone)" }
  }

  static let skipped = [
    // 02:00 became 03:00.
    Case(
      "30 2 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"),
    // All that was skipped comes together.
    Case(
      "*/10 2 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"),
    // With a time that is there, it is one.
    Case(
      "0 2,3 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"),
    Case(
      "0 */2 * * *", "Europe/Berlin", after: "2026-03-28T23:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"),
    Case(
      "15 2 * * *", "America/New_York", after: "2026-03-07T12:00:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:15:00Z"),
    // 02:00 became 02:30.
    Case(
      "15 2 * * *", "Australia/Lord_Howe", after: "2026-10-03T12:00:00Z", "2026-10-03T15:30:00Z",
      "2026-10-04T15:15:00Z"),
    // Midnight became one o'clock.
    Case(
      "@daily", "America/Sao_Paulo", after: "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
    // 30 December was skipped.
    Case(
      "0 12 * * *", "Pacific/Apia", after: "2011-12-29T12:00:00Z", "2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z",
      "2011-12-30T22:00:00Z"),
    Case("0 12 30 12 *", "Pacific/Apia", after: "2011-06-01T00:00:00Z", "2011-12-30T10:00:00Z", "2012-12-29T22:00:00Z"),
  ]

  static let repeated = [
    // 03:00 became 02:00.
    Case(
      "30 2 * * *", "Europe/Berlin", after: "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
    Case(
      "*/30 2 * * *", "Europe/Berlin", after: "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z",
      "2026-10-26T01:00:00Z"),
    // Asked during the second pass.
    Case("30 2 * * *", "Europe/Berlin", after: "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z"),
    Case(
      "15 1 * * *", "America/New_York", after: "2026-10-31T12:00:00Z", "2026-11-01T05:15:00Z", "2026-11-02T06:15:00Z"),
    // 02:00 became 01:30.
    Case(
      "45 1 * * *", "Australia/Lord_Howe", after: "2026-04-04T12:00:00Z", "2026-04-04T14:45:00Z",
      "2026-04-05T15:15:00Z"),
  ]

  static let realTime = [
    Case(
      "*/30 * * * *", "Europe/Berlin", after: "2026-03-29T00:00:00Z", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z",
      "2026-03-29T01:30:00Z"),
    Case(
      "30 * * * *", "Europe/Berlin", after: "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z",
      "2026-10-25T02:30:00Z"),
    Case(
      "*/30 0-23 * * *", "America/New_York", after: "2026-11-01T05:15:00Z", "2026-11-01T05:30:00Z",
      "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z"),
    Case(
      "*/30 * * * *", "Australia/Lord_Howe", after: "2026-04-04T14:15:00Z", "2026-04-04T14:30:00Z",
      "2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z"),
    Case(
      "@hourly", "Pacific/Apia", after: "2011-12-30T08:30:00Z", "2011-12-30T09:00:00Z", "2011-12-30T10:00:00Z",
      "2011-12-30T11:00:00Z"),
  ]

  static let steady = [
    Case("0 9 * * *", "Asia/Kolkata", after: "2026-03-29T00:00:00Z", "2026-03-29T03:30:00Z", "2026-03-30T03:30:00Z"),
    Case("0 9 * * *", "Asia/Tokyo", after: "2026-03-28T12:00:00Z", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z"),
    Case("0 3 * * *", "UTC", after: "2026-03-28T12:00:00Z", "2026-03-29T03:00:00Z", "2026-03-30T03:00:00Z"),
    // Beyond the file's table: by its rule.
    Case("30 2 * * *", "Europe/Berlin", after: "2090-03-25T12:00:00Z", "2090-03-26T01:00:00Z"),
    Case("30 2 * * *", "Europe/Berlin", after: "2090-07-01T12:00:00Z", "2090-07-02T00:30:00Z"),
  ]

  @Test("skipped times come after the jump, repeated ones once, and every hour is real time", arguments: skipped)
  func skips(_ test: Case) throws { try check(test) }

  @Test("a time that occurs twice comes once, at the first", arguments: repeated)
  func repeats(_ test: Case) throws { try check(test) }

  @Test("an expression for every hour comes in real time", arguments: realTime)
  func runsOn(_ test: Case) throws { try check(test) }

  @Test("zones without changes, and years without a table", arguments: steady)
  func stays(_ test: Case) throws { try check(test) }

  private func check(_ test: Case) throws {
    let times = try ScheduleTimes(Schedule(cron: test.cron, timeZone: test.zone))
    var moment = try #require(Timestamp(rfc3339: test.start))
    for tick in test.ticks {
      let expected = try #require(Timestamp(rfc3339: tick))
      #expect(times.next(after: moment)?.description == expected.description)
      #expect(times.previous(upTo: expected) == expected)
      let before = try #require(times.previous(upTo: expected + .milliseconds(-1)))
      #expect(before <= moment || times.next(after: before) == expected)
      moment = expected
    }
  }
}
