/// A run's event and outputs, read only when a plan asks for them: most plans need neither.
struct RunFacts {
  private enum Source {
    case envelope(EventEnvelope)
    case run(RunSnapshot)
  }

  private let source: Source
  private let stages: [StageName: StageResult]
  private let elements: [StageName: [Int: StageResult]]
  private var restored: EventEnvelope?
  private var eventJSON: JSON?
  private var outputs: [String: JSON] = [:]

  /// The facts of a run that has no jobs yet.
  init(_ event: EventEnvelope) {
    source = .envelope(event)
    stages = [:]
    elements = [:]
  }

  init(_ run: RunSnapshot) {
    source = .run(run)
    stages = run.stages
    elements = run.elements
  }

  mutating func envelope() throws(DriverError) -> EventEnvelope {
    switch source {
    case .envelope(let envelope): return envelope
    case .run(let run):
      if let restored { return restored }
      let envelope = try EventEnvelope.restore(run.event)
      restored = envelope
      return envelope
    }
  }

  mutating func event() throws(DriverError) -> JSON {
    if let eventJSON { return eventJSON }
    let json = try envelope().json
    eventJSON = json
    return json
  }

  /// What a reference's or a condition's root stands for; nil for a stage without output.
  mutating func value(of root: String) throws(DriverError) -> JSON? {
    if root == Reference.event { return try event() }
    if let output = outputs[root] { return output }
    guard let bytes = stages[StageName(root)]?.output else { return nil }
    let output = try Self.parse(bytes, of: root)
    outputs[root] = output
    return output
  }

  mutating func value(of reference: Reference, locals: [String: JSON] = [:]) throws(DriverError) -> JSON? {
    if let local = locals[reference.root] { return local.value(at: reference.path) ?? reference.fallback }
    if reference.root == Reference.event, let name = reference.path.first {
      // Without the envelope as JSON, which is more work than all else of a plain plan.
      return try envelope().member(name)?.value(at: reference.path.dropFirst()) ?? reference.fallback
    }
    return try value(of: reference.root)?.value(at: reference.path) ?? reference.fallback
  }

  /// Says what a root stands for that no single job's output is.
  mutating func provide(_ value: JSON, as root: String) { outputs[root] = value }

  /// The output of a job for one element of a list, or nil where there is none.
  func output(of stage: StageName, at index: Int) throws(DriverError) -> JSON? {
    guard let bytes = elements[stage]?[index]?.output else { return nil }
    return try Self.parse(bytes, of: stage.rawValue)
  }

  private static func parse(_ bytes: [UInt8], of root: String) throws(DriverError) -> JSON {
    do throws(JSONError) {
      return try JSONReader.parse(bytes)
    } catch {
      throw DriverError(
        .damaged, "output_unreadable", "A kept output is not JSON any more; restore the store from a backup.",
        detail: root)
    }
  }
}
