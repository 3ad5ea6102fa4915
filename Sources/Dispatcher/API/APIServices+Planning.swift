import Logging
import WorkerKit

extension APIServices {
  /// Has the store do what ends jobs and plans their runs on, and tells what has ended; where the revision of a run is
  /// unknown here, it is read from the store first.
  func planning<Answer>(
    ending ended: (Answer) -> [Job], _ body: (@escaping SettlePlanner) async throws(DriverError) -> Answer
  ) async throws(DriverError) -> Answer {
    try await library.learning(from: store) { () throws(DriverError) in
      let (emissions, next) = (endings.emissions(), library.settlePlanner(planner))
      let answer = try await body(emissions?.noting(next) ?? next)
      endings.tell(ended(answer), emitting: emissions)
      return answer
    }
  }

  /// Pushes what was committed; a push that fails is logged, and made up for by the reconciler.
  func deliver(_ handoff: Handoff?, orLog message: Logger.Message) async {
    do throws(DriverError) {
      try await Courier(store: store, queue: queue).deliver(handoff)
    } catch {
      log.log(.warning, message, error.logFields)
    }
  }
}
