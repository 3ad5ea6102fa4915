import Testing
import WorkerKit

@Suite("Schedules: problems", .timeLimit(.minutes(5)))
struct ScheduleProblemTests {
  static let samples: [(Schedule, [String])] = [
    (Schedule(cron: "0 3 * * *", timeZone: "Europe/Berlin"), []),
    (Schedule(cron: "0 25 * * *"), ["cron: the hour is '25'; expected a number from 0 to 23"]),
    (
      Schedule(cron: "0 3 * *", timeZone: "Europe/Berln"),
      [
        """
        cron: the cron expression is '0 3 * *'; expected five fields (minute, hour, day of the month, month, day of \
        the week), not 4
        """, "time_zone: 'Europe/Berln' is not a time zone of this machine; did you mean 'Europe/Berlin'?",
      ]
    ),
    (
      Schedule(cron: "0 3 30 2 *"),
      [
        """
        cron: '0 3 30 2 *' never comes: none of its months has such a day; see that the day of the month is one that \
        the month has
        """
      ]
    ),
  ]

  @Test("each key that is wrong has one problem", arguments: samples)
  func problems(schedule: Schedule, expected: [String]) {
    #expect(schedule.problems().map(\.description) == expected)
  }

  @Test("ticks between two moments are counted up to a limit")
  func counts() throws {
    let times = try ScheduleTimes(Schedule(cron: "*/15 * * * *"))
    let start = try #require(Timestamp(rfc3339: "2026-01-01T00:00:00Z"))
    #expect(times.count(after: start, before: start + .seconds(3600), limit: 100) == 3)
    #expect(times.count(after: start, before: start + .seconds(86_400), limit: 10) == 10)
    #expect(times.count(after: start, before: start, limit: 10) == 0)
  }
}
