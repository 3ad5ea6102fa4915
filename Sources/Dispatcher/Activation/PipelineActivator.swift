public import Logging
public import WorkerKit

/// Keeps the active pipelines what the folder and the store say: a saved file is active within two looks.
///
/// A folder's change goes to the store, which says what is active then (`ActiveSet`). What others activate or roll
/// back is taken over at the next look. A bad file displaces no pipeline: it is logged, told of, and looked at again.
/// So it is with the schemas of events, but that they count as soon as they are read.
public actor PipelineActivator {
  /// How long between two looks.
  public static let interval = Duration.seconds(1)

  /// Raised after each look.
  public nonisolated let passed = Signal()
  nonisolated let active: ActivePipelines
  nonisolated let store: any RevisionStore
  /// The folder's path; nil where the store alone says what is active.
  public nonisolated var folderPath: String? { folder?.path }

  private let folder: PipelineFolder?
  private let name: String
  private let registry: WorkerRegistry?
  private let library: PipelineLibrary
  private let environment: Environment
  private let log: Logger
  private let announce: @Sendable (PipelineSet, Int64) async -> Void
  private var watch: FolderWatch?
  /// What the folder came to, and the store has not taken yet.
  private var waiting: FolderReading?
  /// The contents of bad files that were logged, by path.
  private var logged: [String: FolderListing.Content] = [:]
  /// What the files came to when they were last read.
  private(set) var reading: FolderReading?
  /// Why the folder could not be looked at; nil where it could.
  private(set) var folderProblem: PipelineFolder.LookError?

  /// Prepares an activator for a folder that the store knows as `name`. Without a `registry`, workers and their
  /// options are not checked. `announce` is told of every set, and the number of its activation, before it is active.
  public init(
    folder: PipelineFolder?, name: String, store: any RevisionStore, active: ActivePipelines,
    library: PipelineLibrary, registry: WorkerRegistry?, environment: Environment, log: Logger,
    announce: @escaping @Sendable (PipelineSet, Int64) async -> Void = { _, _ in }
  ) {
    self.folder = folder
    self.name = name
    self.store = store
    self.active = active
    self.library = library
    self.registry = registry
    self.environment = environment
    self.log = log
    self.announce = announce
  }

  /// What the first look came to.
  public struct Opening: Sendable {
    /// Everything that is wrong with the files.
    public let problems: [PipelineProblem]
    /// The bad files, and the active pipelines that stay as they were, as far as that can be told.
    public let bad: [(file: String, pipeline: PipelineName?)]
    /// True where a file is bad and no pipeline was active: nothing was activated, and there is nothing to run on.
    public let isRefused: Bool
  }

  /// Takes the folder as it is, without waiting for it to come to rest.
  /// - Throws: A `PipelineFolder.LookError` where the folder cannot be looked at, a `DriverError` where the store
  ///   fails.
  public func open() async throws -> Opening {
    try await refresh()
    guard let folder else { return Opening(problems: [], bad: [], isRefused: false) }
    let listing = try folder.look()
    let reading = read(listing)
    watch = FolderWatch(after: listing)
    let isRefused = active.isEmpty && !reading.bad.isEmpty
    let bad = reading.bad.sorted { $0.key < $1.key }.map { file, name in
      (file: file, pipeline: name.flatMap { active.set.pipelines[$0]?.name })
    }
    if !isRefused { try await take(reading) }
    return Opening(problems: reading.problems, bad: bad, isRefused: isRefused)
  }

  /// Looks again and again until the task is cancelled. Errors are logged and tried again; none ends the loop.
  public func run() async {
    var retries = LoopRetries(environment: environment)
    while !Task.isCancelled {
      do throws(DriverError) {
        try await look()
        retries.reset()
        passed.raise()
        try? await environment.time.sleep(for: Self.interval)
      } catch {
        log.log(.warning, "The active pipelines could not be brought up to date.", error.logFields)
        passed.raise()
        await retries.wait()
      }
    }
  }

  /// Brings the active pipelines up to what the store says now.
  public func refresh() async throws(DriverError) {
    guard let latest = try await store.activations(before: nil, limit: 1).first, latest.number > active.number else {
      return
    }
    let missing = library.missing(latest.revisions.values)
    for revision in try await store.revisions(missing) { learn(revision) }
    let pipelines = latest.revisions.values.compactMap { library.pipeline($0) }
    let set = PipelineSet(pipelines)
    await announce(set, latest.number)
    // While this waited for store and queue, another refresh may have come further.
    guard latest.number > active.number else { return }
    active.replace(with: set, number: latest.number)
    log.log(
      .info, "Other pipelines are active.",
      [.activation: String(latest.number), .count: String(pipelines.count)])
  }

  /// What a person should know of the folder, in one sentence; nil where there is nothing.
  public var remark: String? {
    if folderProblem != nil { return "The folder of pipelines cannot be read; what was active stays so." }
    guard let reading, !reading.problems.isEmpty else { return nil }
    let places = reading.problems.prefix(3).map { "\($0.file):\($0.line):\($0.column) \($0.code.number)" }
    let rest = reading.problems.count > 3 ? " and \(reading.problems.count - 3) more" : ""
    return "Files are bad, and what they stand for stays as it was: \(places.joined(separator: ", "))\(rest)."
  }

  private func look() async throws(DriverError) {
    if let folder { look(at: folder) }
    if let reading = waiting { try await take(reading) }
    try await refresh()
  }

  private func look(at folder: PipelineFolder) {
    do throws(PipelineFolder.LookError) {
      let listing = try folder.look()
      folderProblem = nil
      guard let settled = watch?.look(at: listing) else { return }
      waiting = read(settled)
    } catch {
      // A folder that is gone is no folder without files: nothing is taken away.
      if folderProblem != error {
        log.log(.error, "The folder of pipelines cannot be read; what was active stays so.", [.path: folder.path])
      }
      folderProblem = error
    }
  }

  private func read(_ listing: FolderListing) -> FolderReading {
    let reading = FolderReading(
      listing, registry: registry, schemas: library.schemas, after: reading?.sources ?? [:])
    library.use(reading.schemas)
    for problem in reading.problems where logged[problem.file] != listing.contents[problem.file] {
      log.log(
        .error,
        PipelineFolder.isSchema(problem.file)
          ? "A schema of events is bad; what it stands for stays as it was."
          : "A pipeline file is bad; its pipeline stays as it was.",
        [.file: "\(problem.file):\(problem.line):\(problem.column)", .errorCode: problem.code.number])
    }
    let bad = Set(reading.problems.map(\.file))
    logged = listing.contents.filter { bad.contains($0.key) }
    self.reading = reading
    return reading
  }

  private func take(_ reading: FolderReading) async throws(DriverError) {
    _ = try await store.activate(reading.offer(of: name, active: active.set))
    waiting = nil
    try await refresh()
  }

  private func learn(_ revision: PipelineRevision) {
    do throws(PipelineFileError) { try library.add(revision) } catch {
      log.log(
        .error, "An active pipeline cannot be read by this version; it starts no runs.",
        [.pipeline: revision.pipeline.rawValue, .errorDetail: error.problems.first?.code.number ?? ""])
    }
  }
}
