public import Tracing

/// A moment for the beginning or end of a span.
public struct SpanMoment: TracerInstant {
  public let nanosecondsSinceEpoch: UInt64

  /// A moment in nanoseconds since 1970-01-01T00:00:00Z.
  public init(nanosecondsSinceEpoch: UInt64) { self.nanosecondsSinceEpoch = nanosecondsSinceEpoch }

  /// The same moment; one before 1970 counts as its beginning.
  public init(_ moment: Timestamp) {
    let (nanoseconds, isTooLate) = UInt64(max(0, moment.milliseconds)).multipliedReportingOverflow(by: 1_000_000)
    self.init(nanosecondsSinceEpoch: isTooLate ? .max : nanoseconds)
  }

  /// The earlier of two moments is the lesser.
  public static func < (left: SpanMoment, right: SpanMoment) -> Bool {
    left.nanosecondsSinceEpoch < right.nanosecondsSinceEpoch
  }
}

extension TimeSource {
  /// The present moment, for a span.
  public var moment: SpanMoment { SpanMoment(nanosecondsSinceEpoch: nanosecondsSinceEpoch) }
}
