/// A run's event and outputs, read only when a plan asks for them: most plans need neither.
struct RunFacts {
  private enum Source {
    case envelope(EventEnvelope)
    case run(RunSnapshot)
  }

  private let source: Source
  private let stages: [StageName: StageResult]
  private var restored: EventEnvelope?
  private var eventJSON: JSON?
  private var outputs: [String: JSON] = [:]

  /// The facts of a run that has no jobs yet.
  init(_ event: EventEnvelope) {
    source = .envelope(event)
    stages = [:]
  }

  init(_ run: RunSnapshot) {
    source = .run(run)
    stages = run.stages
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
    do throws(JSONError) {
      let output = try JSONReader.parse(bytes)
      outputs[root] = output
      return output
    } catch {
      throw DriverError(
        .damaged, "output_unreadable", "A kept output is not JSON any more; restore the store from a backup.",
        detail: root)
    }
  }

  mutating func value(of reference: Reference) throws(DriverError) -> JSON? {
    try value(of: reference.root)?.value(at: reference.path)
  }
}
