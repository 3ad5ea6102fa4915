import Crypto

/// The keys under which a job's stored context holds the trace it belongs to, beside the event's log fields: so that
/// whoever leases the job knows it without another read.
enum TraceField {
  static let parent = "traceparent"
  static let state = "tracestate"
}

extension TraceContext {
  /// Reads the trace out of a job's stored context.
  init?(fields: [String: String]) {
    guard let parent = fields[TraceField.parent] else { return nil }
    self.init(traceParent: parent, traceState: fields[TraceField.state])
  }

  /// The trace of a run whose event has none: it was recorded while no spans were made.
  init(run: RunID) {
    let hash = Array(SHA256.hash(data: Array("run/\(run)".utf8)))
    self.init(
      traceID: TraceID(high: hash.prefix(8).number, low: hash[8..<16].number), spanID: SpanID(rawValue: 1))
  }
}

extension SpanID {
  /// The id of a span that is known by name alone: whoever hashes the same name gets the same id, so that a process can
  /// refer to a span that another one has made, and nothing about it is kept.
  init(hashing name: String) {
    self.init(rawValue: SHA256.hash(data: Array(name.utf8)).prefix(8).number)
  }

  /// The id that 16 hexadecimal digits write; of a name that is none, the id of its hash.
  init(digits: some Sequence<UInt8>) {
    let digits = Array(digits)
    let number = digits.count == 16 ? HexadecimalWord.read(digits[...]) : nil
    self = number.map { SpanID(rawValue: $0) } ?? SpanID(hashing: String(decoding: digits, as: UTF8.self))
  }
}

extension Sequence<UInt8> {
  fileprivate var number: UInt64 { reduce(0) { $0 << 8 | UInt64($1) } }
}

extension Job {
  /// The place in a trace of the event that caused the job.
  var trace: TraceContext? { TraceContext(fields: context) }
}

/// Where a job and its attempts stand in their trace. Ids are hashes of the job's id, and of that and the fence.
struct JobTrace {
  private let job: JobID
  /// The place of the event; nil where it has none.
  let parent: TraceContext?
  /// The place of the job.
  let place: TraceContext

  init(_ job: Job) {
    self.job = job.id
    parent = job.trace
    let trace = parent ?? TraceContext(run: job.run)
    place = trace.isSampled ? trace.at(SpanID(hashing: "job/\(job.id)")) : trace
  }

  /// The place of the attempt under `fence`.
  func attempt(_ fence: Fence) -> TraceContext {
    place.isSampled ? place.at(SpanID(hashing: "attempt/\(job)/\(fence.rawValue)")) : place
  }

  /// The places of attempts before the one under `fence`, the newest first, `limit` at most. A fence under which
  /// nothing ran, or whose host was killed, has no span: its link leads nowhere.
  func attempts(before fence: Fence, limit: Int) -> [TraceContext] {
    let earlier = (max(Fence.first.rawValue, fence.rawValue - Int64(limit))..<fence.rawValue).reversed()
    return earlier.map { attempt(Fence(rawValue: $0)) }
  }
}
