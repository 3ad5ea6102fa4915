import ArgumentParser
import Dispatcher

/// How much may wait before less is let in.
struct HighWaterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How many jobs may wait in one queue; then no event is routed until a tenth less do. Also "
        + "MILLRACE_HIGH_WATER; \(HighWater.standard.jobs) where neither is given.",
      valueName: "jobs"))
  var highWater: Int?
  @Option(
    help: ArgumentHelp(
      "How many events may wait to be routed; then no more are taken in, and POST /v1/events answers 429, until a "
        + "tenth less do. Also MILLRACE_HIGH_WATER_EVENTS; \(HighWater.standard.events) where neither is given.",
      valueName: "events"))
  var highWaterEvents: Int?

  func validate() throws {
    for (name, value) in [("--high-water", highWater), ("--high-water-events", highWaterEvents)] {
      if let value, value < 1 { throw ValidationError("\(name) is at least 1.") }
    }
  }

  /// The marks, as options or variables say.
  func marks() throws(CommandError) -> HighWater {
    HighWater(
      jobs: try Self.mark(highWater, .highWater, or: HighWater.standard.jobs),
      events: try Self.mark(highWaterEvents, .highWaterEvents, or: HighWater.standard.events))
  }

  private static func mark(
    _ option: Int?, _ variable: EnvironmentVariable, or standard: Int
  ) throws(CommandError) -> Int {
    if let option { return option }
    guard let text = variable.value else { return standard }
    guard let number = Int(text), number >= 1 else {
      throw .usage("\(variable.rawValue): '\(text)' is not a whole number from 1 up.")
    }
    return number
  }
}
