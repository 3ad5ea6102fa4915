import Synchronization

/// How a case went.
public struct TrialReport: Sendable, Hashable {
  /// One thing that is not as the case asks, as a diff: what was asked for after `-`, what was found after `+`.
  public struct Difference: Sendable, Hashable {
    /// What differs: `ran`, `thumbnails.with`, `emitted`.
    public let subject: String
    /// The lines of the diff.
    public let lines: [String]
  }

  /// The case's name.
  public let name: String
  /// Where it stands in its file, from 1.
  public let line: Int
  /// The column, from 1.
  public let column: Int
  /// None where the case holds.
  public let differences: [Difference]
  /// What each stage came to, in the order of the pipeline's file: its name and a few words.
  public let stages: [(stage: StageName, end: String)]

  /// True where everything was as the case asks.
  public var isPassed: Bool { differences.isEmpty }

  /// Compares but for what happened, which the differences are made of.
  public static func == (left: TrialReport, right: TrialReport) -> Bool {
    left.name == right.name && left.line == right.line && left.differences == right.differences
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(line)
    hasher.combine(differences)
  }
}

extension Trial {
  /// Plays the case against a pipeline, by the planner that servers use, and compares.
  /// - Throws: A `DriverError` where the planner cannot plan.
  public func report(on pipeline: Pipeline, registry: WorkerRegistry) throws(DriverError) -> TrialReport {
    let environment = Environment(time: TrialTime(), random: TrialChance())
    let planner = Planner(registry: registry, environment: environment)
    let result = try TrialResult.play(self, pipeline: pipeline, planner: planner)
    let judgement = TrialJudgement(expectation: expectation, result: result)
    return TrialReport(
      name: name, line: line, column: column, differences: judgement.differences,
      stages: pipeline.stages.compactMap { stage in result.stages[stage.name].map { (stage.name, $0.words) } })
  }
}

/// A clock that stands still.
private struct TrialTime: TimeSource {
  var now: Timestamp { TrialReader.now }
  var monotonic: Duration { .zero }
  func sleep(for length: Duration) async throws {}
}

/// Chance that is none: ids differ, and are the same each time.
private final class TrialChance: RandomSource {
  private let last = Mutex<UInt64>(0)

  func next() -> UInt64 {
    last.withLock { last in
      last += 1
      return last
    }
  }
}
