/// The compiled pipelines of a folder, found by the type of event that triggers them.
public struct PipelineSet: Sendable {
  /// All pipelines, by name.
  public let pipelines: [PipelineName: Pipeline]
  private let triggered: [String: Triggered]

  /// The pipelines that one type of event may start, by name, and their patterns.
  private struct Triggered {
    let pipelines: [Pipeline]
    let index: PatternIndex
    /// Whether the type alone decides.
    let isUnconditional: Bool

    init(_ pipelines: [Pipeline]) {
      self.pipelines = pipelines
      index = PatternIndex(pipelines.map { $0.trigger.match ?? .object([]) })
      isUnconditional = pipelines.allSatisfy { $0.trigger.match == nil }
    }
  }

  /// Puts pipelines together; of two with one name the first counts.
  public init(_ pipelines: [Pipeline] = []) {
    self.pipelines = Dictionary(pipelines.map { ($0.name, $0) }) { first, _ in first }
    triggered = Dictionary(grouping: self.pipelines.values.sorted { $0.name < $1.name }, by: \.trigger.event)
      .mapValues(Triggered.init)
  }

  /// The pipelines that an event of this type may start, sorted by name.
  public func triggered(by type: String) -> [Pipeline] { triggered[type]?.pipelines ?? [] }

  /// The pipelines that an event starts, sorted by name: those for its `type` whose patterns it matches.
  ///
  /// One index over all patterns finds them; what it costs does not grow with the pipelines that do not match.
  public func matching(_ event: JSON) -> [Pipeline] {
    guard case .string(let type)? = event["type"], let triggered = triggered[type] else { return [] }
    return triggered.index.matching(event).map { triggered.pipelines[$0] }
  }

  /// The same for an event that is written out only where a pattern looks into it.
  func matching(_ facts: inout RunFacts) throws(DriverError) -> [Pipeline] {
    guard let triggered = triggered[try facts.envelope().type] else { return [] }
    guard !triggered.isUnconditional else { return triggered.pipelines }
    return triggered.index.matching(try facts.event()).map { triggered.pipelines[$0] }
  }

  /// The rules of all limits of their stages. What waits from older revisions is limited by them too, by the names of
  /// limits; a limit that is not among them limits nothing any more.
  public var limits: [LimitName: LimitRule] {
    var rules: [LimitName: LimitRule] = [:]
    for pipeline in pipelines.values {
      for stage in pipeline.stages {
        for (place, limit) in (stage.policy.limits ?? []).enumerated() {
          rules[LimitName(pipeline.name, stage.name, place)] = limit.rule
        }
      }
    }
    return rules
  }

  /// The pipelines as a store keeps them, sorted by name.
  public var revisions: [PipelineRevision] { pipelines.values.map(\.stored).sorted { $0.pipeline < $1.pipeline } }

  /// Compiles the files of a folder, and checks what they take from payloads against the schemas of events.
  /// - Returns: The pipelines of the files without problems, and the problems of the others, file by file. Whoever
  ///   activates a folder does so only when there are none.
  public static func load(
    files: [(name: String, text: String)], registry: WorkerRegistry?, schemas: EventSchemas = EventSchemas()
  ) -> (PipelineSet, [PipelineProblem]) {
    var (compiled, problems) = ([PipelineName: CompiledFile](), [PipelineProblem]())
    for (name, text) in files.sorted(by: { $0.name < $1.name }) {
      do throws(PipelineFileError) {
        let file = try CompiledFile.compile(text, file: name, registry: registry, schemas: schemas)
        if let other = compiled[file.pipeline.name] {
          problems.append(
            PipelineProblem(
              file: name, line: file.namePlace.line, column: file.namePlace.column, code: .duplicatePipeline,
              message: "pipeline '\(file.pipeline.name)' is defined in \(other.file) already",
              hint: "give it a name of its own"))
        } else {
          compiled[file.pipeline.name] = file
        }
      } catch {
        problems += error.problems
      }
    }
    return (PipelineSet(compiled.values.map(\.pipeline)), problems)
  }
}
