import WorkerKit

/// Measures what matching one parsed event costs against few pipelines and against many, of which as many match.
@main
enum PatternBench {
  static func main() throws {
    let settings = PatternSettings(arguments: Array(CommandLine.arguments.dropFirst()))
    print("event matching: \(settings.description)")
    for shape in PatternShape.all {
      let few = try Measured(shape: shape, pipelines: settings.few, settings: settings)
      let many = try Measured(shape: shape, pipelines: settings.many, settings: settings)
      print("\(shape.name):")
      for measured in [few, many] {
        print(
          "  \(measured.pipelines) pipelines: \(rounded(measured.microseconds)) µs/event, median of "
            + "\(settings.rounds) rounds, best \(rounded(measured.best)); built in \(rounded(measured.building)) ms")
      }
      print("  ratio \(rounded(many.microseconds / few.microseconds))")
    }
  }

  private static func rounded(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }
}

/// What one set of pipelines costs.
struct Measured {
  let pipelines: Int
  /// Microseconds an event, the median round.
  let microseconds: Double
  /// Microseconds an event, the best round.
  let best: Double
  /// Milliseconds for putting the set together, files read and checked already.
  let building: Double

  /// Measures a set; stops where not as many pipelines match as should.
  init(shape: PatternShape, pipelines count: Int, settings: PatternSettings) throws {
    let compiled = try (0..<count).map { number in
      try Pipeline.compile(
        shape.pipeline(number, isMatching: number < settings.matching), file: "p\(number).yaml")
    }
    let clock = ContinuousClock()
    var set = PipelineSet()
    building = clock.measure { set = PipelineSet(compiled) }.inMicroseconds / 1000
    let event = PatternShape.event
    guard set.matching(event).count == settings.matching else { throw WrongCount(found: set.matching(event).count) }
    var matched = 0
    let rounds = (0..<settings.rounds).map { _ in
      clock.measure { for _ in 0..<settings.events { matched &+= set.matching(event).count } }.inMicroseconds
        / Double(settings.events)
    }.sorted()
    guard matched == settings.matching * settings.events * settings.rounds else { throw WrongCount(found: matched) }
    pipelines = count
    microseconds = rounds[rounds.count / 2]
    best = rounds[0]
  }
}

/// The index found other pipelines than those that match.
struct WrongCount: Error {
  let found: Int
}

extension Duration {
  fileprivate var inMicroseconds: Double {
    Double(components.seconds) * 1e6 + Double(components.attoseconds) / 1e12
  }
}
