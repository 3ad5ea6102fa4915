import Synchronization

/// The compiled pipelines that a program has, by revision: runs finish on the revision they started on.
public final class PipelineLibrary: Sendable {
  private let compiled = Mutex<[RevisionHash: Pipeline]>([:])
  private let kept = Mutex(EventSchemas())

  /// An empty library.
  public init() {}

  /// Compiles a stored revision and keeps it. Its workers may be unknown to this program.
  /// - Throws: A `PipelineFileError` where the source is no pipeline for this version.
  public func add(_ revision: PipelineRevision) throws(PipelineFileError) {
    guard pipeline(revision.hash) == nil else { return }
    let pipeline = try Pipeline.compile(revision.source, file: "\(revision.pipeline).yaml")
    compiled.withLock { $0[revision.hash] = pipeline }
  }

  /// Keeps compiled pipelines under their own revisions.
  public func add(_ pipelines: PipelineSet) {
    compiled.withLock { compiled in
      for pipeline in pipelines.pipelines.values { compiled[pipeline.revision] = pipeline }
    }
  }

  /// The pipeline of this revision, or nil.
  public func pipeline(_ hash: RevisionHash) -> Pipeline? { compiled.withLock { $0[hash] } }

  /// Those of `hashes` that are not here, and are to be read from the store.
  public func missing(_ hashes: some Sequence<RevisionHash>) -> [RevisionHash] {
    compiled.withLock { compiled in hashes.filter { compiled[$0] == nil } }
  }

  /// What the payloads of events must look like: of those that are sent, and of those that pipelines emit.
  public var schemas: EventSchemas { kept.withLock { $0 } }

  /// Puts schemas in the place of those before.
  public func use(_ schemas: EventSchemas) { kept.withLock { $0 = schemas } }

  /// Plans the runs of events by the pipelines of `set`, which are kept for the plans that follow.
  public func routePlanner(_ set: PipelineSet, planner: Planner) -> RoutePlanner {
    add(set)
    return { event in try planner.route(event, pipelines: set) }
  }

  /// Plans what follows in runs; an event that breaks its schema is a problem of its run. Throws a `DriverError` of
  /// kind damaged, `revision_unknown`, with the revision in its detail, for a run whose revision is not here: read it
  /// from the store, add it, and settle again.
  public func settlePlanner(_ planner: Planner) -> SettlePlanner {
    { run in
      guard let pipeline = self.pipeline(run.revision) else {
        throw DriverError(
          .damaged, "revision_unknown", "A run's pipeline revision is not in the library; add it from the store.",
          detail: run.revision.rawValue)
      }
      return self.schemas.checked(try planner.next(run, pipeline: pipeline))
    }
  }

  /// Does what plans runs on. Where it fails because the revision of a run is not here, reads that from `store` and
  /// does it again.
  public func learning<Answer>(
    from store: any RevisionStore, _ body: () async throws(DriverError) -> Answer
  ) async throws(DriverError) -> Answer {
    let learn = learner(from: store)
    while true {
      do throws(DriverError) { return try await body() } catch {
        guard await learn(error) else { throw error }
      }
    }
  }

  /// Brings the revision that a planner lacked, from `store`: true where what failed is worth another try.
  public func learner(from store: any RevisionStore) -> @Sendable (DriverError) async -> Bool {
    { error in
      guard error.code == "revision_unknown" else { return false }
      let hash = RevisionHash(error.detail)
      guard let revision = try? await store.revisions([hash]).first else { return false }
      try? self.add(revision)
      return self.pipeline(hash) != nil
    }
  }
}
