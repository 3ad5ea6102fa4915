public import Logging
public import WorkerKit

/// Keeps the schemas of events what a folder of pipelines says, for a program that settles jobs and activates no
/// pipelines: what its jobs emit is checked as the server of the folder would check it.
///
/// A saved schema counts within two looks. A bad one displaces no good one: it is logged, and looked at again.
public actor SchemaWatch {
  /// Raised after each look.
  public nonisolated let passed = Signal()

  private let folder: @Sendable () -> PipelineFolder?
  private let library: PipelineLibrary
  private let environment: Environment
  private let log: Logger
  private var watched: (path: String, watch: FolderWatch)?
  /// The contents of bad files that were logged, by path.
  private var logged: [String: FolderListing.Content] = [:]
  private var isUnreadable = false

  /// Prepares a watch over what `folder` names at the time of a look; where it names none, the schemas stay as they
  /// are.
  public init(
    library: PipelineLibrary, environment: Environment, log: Logger,
    folder: @escaping @Sendable () -> PipelineFolder?
  ) {
    self.folder = folder
    self.library = library
    self.environment = environment
    self.log = log
  }

  /// Looks as often as a `PipelineActivator` until the task is cancelled.
  public func run() async {
    while !Task.isCancelled {
      look()
      passed.raise()
      try? await environment.time.sleep(for: PipelineActivator.interval)
    }
  }

  private func look() {
    guard let folder = folder() else { return }
    do throws(PipelineFolder.LookError) {
      let listing = try folder.look()
      isUnreadable = false
      if watched?.path == folder.path {
        if let settled = watched?.watch.look(at: listing) { take(settled) }
      } else {
        watched = (folder.path, FolderWatch(after: listing))
        take(listing)
      }
    } catch {
      // A folder that is gone is no folder without schemas.
      if !isUnreadable {
        log.log(.error, "The folder of pipelines cannot be read; schemas of events stay so.", [.path: folder.path])
      }
      isUnreadable = true
    }
  }

  private func take(_ listing: FolderListing) {
    let reading = FolderSchemas(listing, after: library.schemas)
    library.use(reading.schemas)
    for problem in reading.problems where logged[problem.file] != listing.contents[problem.file] {
      log.log(
        .error, "A schema of events is bad; what it stands for stays as it was.",
        [.file: "\(problem.file):\(problem.line):\(problem.column)", .errorCode: problem.code.number])
    }
    let bad = Set(reading.problems.map(\.file))
    logged = listing.contents.filter { bad.contains($0.key) }
  }
}
