import ArgumentParser
import WorkerKit

/// What jobs have in common that a command is about.
struct SelectionOptions: ParsableArguments {
  @OptionGroup var jobs: JobOptions
  @Option(help: "Only jobs of this worker.")
  var worker: String?
  @Option(help: "Only jobs that failed for this cause last; 'dead groups' lists them.")
  var fingerprint: String?
  @Option(help: "How many jobs at most, the newest; all where it is not given.")
  var limit: Int?

  /// True where it names anything but a limit.
  var isNarrowed: Bool { query.contains { $0.1 != nil } }

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1.") }
    if let fingerprint, Fingerprint(fingerprint) == nil {
      throw ValidationError("'\(fingerprint)' is no fingerprint like media.thumbnails:3fa9c1d2e4b5.")
    }
  }

  /// The members of a request's body.
  var members: [String: JSON] {
    Dictionary(uniqueKeysWithValues: query).compactMapValues { $0.map { .string($0) } }
  }

  private var query: [(String, String?)] { jobs.query + [("worker", worker), ("fingerprint", fingerprint)] }
}

/// Who asks for something, and why.
struct BlameOptions: ParsableArguments {
  @Option(help: "Who asks; kept with what was done. Also USER.")
  var by: String?
  @Option(help: "Why; kept with what was done.")
  var reason: String?

  /// Refuses what says neither, unless it is only a look.
  func check(isPreview: Bool) throws {
    if !isPreview, [asker, reason].contains(where: { $0?.isEmpty ?? true }) {
      throw ValidationError("Say who asks with --by, and why with --reason; neither may be empty.")
    }
  }

  /// Refuses what does not say who asks.
  func checkAsker() throws {
    if asker?.isEmpty ?? true { throw ValidationError("Say who asks with --by; it may not be empty.") }
  }

  private var asker: String? { by ?? EnvironmentVariable.user.value }

  /// The members of a request's body.
  var members: [String: JSON] { ["by": asker, "reason": reason].compactMapValues { $0.map { .string($0) } } }
}
