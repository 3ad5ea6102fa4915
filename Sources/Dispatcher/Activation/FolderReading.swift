import WorkerKit

/// What the files of a folder come to: pipelines, schemas, problems, and what is to be kept of the bad ones.
struct FolderReading {
  let set: PipelineSet
  /// What the payloads of events must look like by now.
  let schemas: EventSchemas
  /// File by file, in the order of their names.
  let problems: [PipelineProblem]
  /// The bad files of pipelines, and the pipelines that they stand for as far as that can be told.
  let bad: [String: PipelineName?]
  /// Pipelines that two files define.
  private let disputed: Set<PipelineName>
  /// Which file gives which pipeline, those of the reading before that are bad now among them.
  let sources: [String: PipelineName]

  /// Compiles the files of a listing. `schemas` are those that count until now, `sources` those of the reading before.
  init(
    _ listing: FolderListing, registry: WorkerRegistry?, schemas: EventSchemas, after sources: [String: PipelineName]
  ) {
    let offered = FolderSchemas(listing, after: schemas)
    self.schemas = offered.schemas
    var (files, problems) = ([(name: String, text: String)](), [PipelineProblem]())
    for (path, content) in listing.pipelines {
      switch content {
      case .text(let text): files.append((path, text))
      case .unreadable(let why):
        problems.append(PipelineProblem(file: path, line: 1, column: 1, code: .syntax, message: why))
      }
    }
    let (loaded, found) = PipelineSet.load(files: files, registry: registry, schemas: offered.schemas)
    problems += found
    let texts = Dictionary(files.map { ($0.name, $0.text) }) { first, _ in first }
    let compiled = Dictionary(loaded.pipelines.values.map { ($0.source, $0.name) }) { first, _ in first }
    let names = texts.compactMapValues { compiled[$0] ?? Self.pipelineName(in: $0) }
    let badFiles = Set(problems.map(\.file))
    bad = Dictionary(uniqueKeysWithValues: badFiles.map { ($0, sources[$0] ?? names[$0]) })
    // Of two files with one pipeline neither counts: the newer one may be a copy that somebody works on.
    disputed = Set(found.filter { $0.code == .duplicatePipeline }.compactMap { names[$0.file] })
    set = PipelineSet(loaded.pipelines.values.filter { [disputed] in !disputed.contains($0.name) })
    self.problems = (problems + offered.problems).sorted {
      ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column)
    }
    var present: [String: PipelineName] = [:]
    for path in texts.keys { present[path] = badFiles.contains(path) ? sources[path] : names[path] }
    self.sources = present
  }

  /// What the store is told. A bad file that stands for no active pipeline may be one under a new name, so that
  /// nothing is taken away as long as it is there.
  func offer(of folder: String, active: PipelineSet) -> FolderOffer {
    var kept = disputed
    for (_, name) in bad {
      guard let name, active.pipelines[name] != nil else {
        return FolderOffer(folder: folder, revisions: set.revisions, kept: .all)
      }
      kept.insert(name)
    }
    return FolderOffer(folder: folder, revisions: set.revisions, kept: .pipelines(kept))
  }

  /// The name that a file gives its pipeline, as far as a bad file tells.
  static func pipelineName(in text: String) -> PipelineName? {
    for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("pipeline:") {
      let value = line.dropFirst("pipeline:".count).prefix { $0 != "#" }
      let name = value.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
      return name.isEmpty ? nil : PipelineName(name)
    }
    return nil
  }
}
