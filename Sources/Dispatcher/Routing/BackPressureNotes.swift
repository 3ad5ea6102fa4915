import Logging
import WorkerKit

/// Tells people of what is held back: in the log when that changes, and in gauges.
struct BackPressureNotes: Sendable {
  let metrics: Metrics
  let log: Logger
  let highWater: HighWater

  /// Logs which queues have become full, and which no longer are.
  func tell(_ before: [QueueName: WaterLevel], _ after: [QueueName: WaterLevel]) {
    for name in Set(before.keys).union(after.keys).sorted() {
      let (was, level) = (before[name]?.isFull ?? false, after[name])
      guard was != level?.isFull ?? false else { continue }
      let fields: [LogKey: String] = [
        .queue: name.rawValue, .count: String(level?.count ?? 0), .highWater: String(highWater.jobs),
      ]
      if was {
        log.log(.notice, "A queue has room again.", fields)
      } else {
        log.log(.warning, "A queue is full; nothing is routed until it has drained a little.", fields)
      }
    }
  }

  /// Logs that events are no longer taken in, or are again.
  func tell(_ before: WaterLevel, _ after: WaterLevel) {
    guard before.isFull != after.isFull else { return }
    let fields: [LogKey: String] = [.count: String(after.count), .highWater: String(highWater.events)]
    if after.isFull {
      log.log(.warning, "As many events wait to be routed as may; no more are taken in until fewer do.", fields)
    } else {
      log.log(.notice, "Events are taken in again.", fields)
    }
  }

  /// Logs that the queue's server takes nothing more, or does again.
  func tell(isOutOfRoom: Bool) {
    if isOutOfRoom {
      log.log(.warning, "The queue's server has no room; nothing is routed until it takes jobs again.", [:])
    } else {
      log.log(.notice, "Routing goes on after the queue's server had no room.", [:])
    }
  }

  /// Brings the gauges up to date; those of queues where any are named.
  func measure(_ standing: BackPressureStanding, of names: Set<QueueName>) {
    if !names.isEmpty { metrics.clear(MetricName.queueFull) }
    for name in names { metrics.set(MetricName.queueFull, name.rawValue, to: standing.full[name] == nil ? 0 : 1) }
    metrics.set(MetricName.routingHeld, to: standing.isRoutingHeld ? 1 : 0)
    metrics.set(MetricName.intakeHeld, to: standing.isIntakeHeld ? 1 : 0)
    metrics.set(MetricName.unroutedEvents, to: Double(standing.events))
  }
}
