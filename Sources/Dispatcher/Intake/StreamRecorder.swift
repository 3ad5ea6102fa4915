import Tracing
import WorkerKit

/// Records the events of a stream's entries, and says what became of each.
struct StreamRecorder {
  let store: any JobStore
  let tracer: (any Tracer)?
  let time: any TimeSource

  /// An entry that holds an event.
  struct Item {
    let id: String
    let event: EventEnvelope
  }

  /// What became of an entry; nil as an answer where the store cannot hold the event.
  struct Outcome {
    let verdict: StreamVerdict
    let answer: RecordAnswer?
  }

  /// Records events as one batch. Where the store refuses that, it is halved until those stand alone which cannot be
  /// stored: nothing that one sender has put into the stream holds up the others.
  /// - Throws: Why nothing can be recorded now; some may have been, and are duplicates the next time.
  func record(_ items: ArraySlice<Item>) async throws(DriverError) -> [Outcome] {
    guard !items.isEmpty else { return [] }
    let traces = EventTraces(items.map(\.event), tracer: tracer, time: time)
    do throws(DriverError) {
      let answers = try await store.record(traces.events)
      traces.end(answers)
      return zip(items, answers).map { Outcome(verdict: .recorded(id: $0.id), answer: $1) }
    } catch {
      traces.fail(error)
      guard error.kind == .refused else { throw error }
      guard items.count > 1 else {
        return items.map { Outcome(verdict: .refused(id: $0.id, Self.refusal), answer: nil) }
      }
      let middle = items.startIndex + items.count / 2
      return try await record(items[..<middle]) + record(items[middle...])
    }
  }

  private static let refusal = StreamRefusal("not_storable", "The event holds something that cannot be stored.")
}
