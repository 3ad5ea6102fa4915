import ArgumentParser
import WorkerKit

/// How long something is kept, as people write it: `14d`, `36h`.
struct KeepingTime: ExpressibleByArgument {
  let length: Duration

  init(_ length: Duration) { self.length = length }

  init?(argument: String) {
    guard let length = DurationText.read(argument), length > .zero else { return nil }
    self.length = length
  }

  var defaultValueDescription: String { DurationText.write(length) }
}

/// What leaves, and when: the retention of a server.
struct RetentionOptions: ParsableArguments {
  private static let standard = RetentionPolicy()

  @Option(
    help: ArgumentHelp(
      "How long runs are kept whose jobs were all superseded: saves between two that count.", valueName: "time"))
  var keepSuperseded = KeepingTime(standard.supersededRuns)
  @Option(help: ArgumentHelp("How long finished runs are kept, with their jobs: 14d, 36h.", valueName: "time"))
  var keepFinished = KeepingTime(standard.finishedRuns)
  @Option(help: ArgumentHelp("How long runs with a dead letter are kept.", valueName: "time"))
  var keepDead = KeepingTime(standard.deadLetters)
  @Option(
    help: ArgumentHelp(
      "How long events are kept; at least 15d, within which one that is sent again is known as a duplicate.",
      valueName: "time"))
  var keepEvents = KeepingTime(standard.events)
  @Option(
    help: ArgumentHelp(
      "How long it is kept who cancelled and replayed what, and why; as long as the job in any case.",
      valueName: "time"))
  var keepAudit = KeepingTime(standard.audit)
  @Option(
    help: ArgumentHelp(
      "How long activations of pipelines are kept to roll back to, once another took their place; at least 1d.",
      valueName: "time"))
  var keepActivations = KeepingTime(standard.activations)

  func validate() throws {
    guard keepEvents.length >= RetentionPolicy.duplicateWindow else {
      throw ValidationError(
        "--keep-events is at least \(DurationText.write(RetentionPolicy.duplicateWindow)): until then an event that is "
          + "sent again is known as a duplicate.")
    }
    guard keepActivations.length >= RetentionPolicy.slowestDispatcher else {
      throw ValidationError(
        "--keep-activations is at least \(DurationText.write(RetentionPolicy.slowestDispatcher)): until then another "
          + "server may start runs on what was active before.")
    }
  }

  var policy: RetentionPolicy {
    RetentionPolicy(
      supersededRuns: keepSuperseded.length, finishedRuns: keepFinished.length, deadLetters: keepDead.length,
      events: keepEvents.length, audit: keepAudit.length, activations: keepActivations.length)
  }
}
