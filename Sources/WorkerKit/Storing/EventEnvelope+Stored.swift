extension EventEnvelope {
  /// The event's log fields as stores keep them with each job; nil where there are none.
  public var storedContext: [UInt8]? {
    let fields = logFields
    return fields.isEmpty ? nil : JSON.object(fields.mapValues { .string($0) }).bytes()
  }
}
