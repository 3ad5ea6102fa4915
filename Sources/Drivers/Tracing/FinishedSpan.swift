import Tracing
import WorkerKit

/// A span that has ended: all that is told about it.
struct FinishedSpan: Sendable {
  let place: TraceContext
  let parent: SpanID?
  let name: String
  let kind: SpanKind
  let start: UInt64
  let end: UInt64
  let details: SpanDetails
}

/// What is said about a span while it lasts, within bounds: what is beyond them is counted and left out.
struct SpanDetails: Sendable {
  private(set) var attributes: SpanAttributes = [:]
  private(set) var events: [SpanEvent] = []
  private(set) var links: [SpanLink] = []
  private(set) var droppedAttributes = 0
  private(set) var droppedEvents = 0
  private(set) var droppedLinks = 0
  var status: SpanStatus?

  private static let mostAttributes = 64
  private static let mostEvents = 32
  private static let mostLinks = 32

  mutating func replace(_ values: SpanAttributes) {
    var kept: SpanAttributes = [:]
    var dropped = 0
    values.forEach { key, value in
      if kept.count < Self.mostAttributes || kept.get(key) != nil { kept.set(key, value: value) } else { dropped += 1 }
    }
    attributes = kept
    droppedAttributes += dropped
  }

  mutating func add(_ event: SpanEvent) {
    if events.count < Self.mostEvents { events.append(event) } else { droppedEvents += 1 }
  }

  mutating func add(_ link: SpanLink) {
    if links.count < Self.mostLinks { links.append(link) } else { droppedLinks += 1 }
  }
}
