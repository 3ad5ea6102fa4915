import WorkerKit

/// Makes the pipelines of a folder the active ones, when the server starts.
struct PipelineActivation {
  let store: any RevisionStore
  let registry: WorkerRegistry
  let schemas: EventSchemas

  /// Activates the files of `folder`; without one, what was active stays so.
  ///
  /// A bad file changes nothing: the revision of its pipeline that was active stays so, with a warning.
  /// - Throws: A `CommandError` when a file is bad and no earlier revision of its pipeline is active.
  func activate(folder: String?) async throws -> PipelineSet {
    let active = try await store.activeRevisions()
    guard let folder else { return compiled(active) }
    let files = try PipelineFiles.read([folder])
    // A program without workers can check everything but them.
    let (loaded, problems) = PipelineSet.load(
      files: files, registry: registry.names.isEmpty ? nil : registry, schemas: schemas)
    for problem in problems { Console.complain(problem.description) }
    let bad = Set(problems.map(\.file))
    let kept = try files.filter { bad.contains($0.name) }.map { file in
      guard let earlier = active.first(where: { $0.pipeline == Self.name(in: file.text) }) else {
        throw CommandError.failed("\(file.name) is not a valid pipeline, and no earlier revision of it is active")
      }
      Console.complain("warning: \(file.name) is not valid; pipeline \(earlier.pipeline) stays as it was")
      return earlier
    }
    // Of two pipelines with one name a set keeps the first.
    let set = PipelineSet(Array(compiled(kept).pipelines.values) + Array(loaded.pipelines.values))
    _ = try await store.activate(set.revisions)
    return set
  }

  /// Compiles stored revisions; one that this version cannot read starts no more runs, with a warning.
  private func compiled(_ revisions: [PipelineRevision]) -> PipelineSet {
    PipelineSet(
      revisions.compactMap { revision in
        do throws(PipelineFileError) {
          return try Pipeline.compile(revision.source, file: "\(revision.pipeline).yaml")
        } catch {
          Console.complain("warning: the active pipeline \(revision.pipeline) cannot be read any more:\n\(error)")
          return nil
        }
      })
  }

  /// The name that a file gives its pipeline, as far as a bad file tells.
  static func name(in text: String) -> PipelineName? {
    for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("pipeline:") {
      let value = line.dropFirst("pipeline:".count).prefix { $0 != "#" }
      let name = value.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
      return name.isEmpty ? nil : PipelineName(name)
    }
    return nil
  }
}
