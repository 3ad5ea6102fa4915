/// Five fields that describe minutes of the calendar, as crontab(5) of Vixie cron has them: minute, hour, day of the
/// month, month, day of the week; or one of `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
///
/// A field is `*`, a number, a name, a range, a range or `*` with a step, or a list of these. Where neither of the two
/// fields of days begins with `*`, a day needs to be in one of them; otherwise it needs to be in both.
///
/// **Changes of the clock.** An expression that leaves hours out means times of the wall clock, and each of them once:
/// a time that a jump forward skips comes at the first minute after the jump (several that are skipped come there
/// together, as one), and a time that occurs twice counts the first time. An expression for every hour means real
/// time: it comes whenever the wall clock shows one of its minutes, so that `*/5 * * * *` comes each five minutes
/// throughout.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
  /// The expression as it was written.
  public let description: String
  let minutes: CronSet
  let hours: CronSet
  let daysOfMonth: CronSet
  let months: CronSet
  /// From 0, Sunday, to 6.
  let daysOfWeek: CronSet
  /// True where a day in either field of days will do.
  let joinsDays: Bool

  /// Reads an expression.
  /// - Throws: A `CronError` that names the field and says what was expected.
  public init(_ text: String) throws(CronError) {
    let words = try CronReader.fields(of: text)
    var sets: [CronSet] = []
    for (field, word) in zip(CronField.allCases, words) { sets.append(try CronReader(field).read(word)) }
    description = text
    minutes = sets[0]
    hours = sets[1]
    daysOfMonth = sets[2]
    months = sets[3]
    daysOfWeek = sets[4].replacing(7, with: 0)
    joinsDays = !words[2].hasPrefix("*") && !words[4].hasPrefix("*")
  }

  /// True for an expression that means real time and not times of the wall clock.
  var isForEveryHour: Bool { hours.contains(allOf: CronField.hour.bounds) }
}
