import Logging
import WorkerKit

/// `GET /metrics`, in the text format of Prometheus.
struct MetricsRoute {
  private let services: APIServices

  init(_ services: APIServices) { self.services = services }

  var route: APIRoute {
    APIRoute("GET", "/metrics") { _ in
      await refresh()
      return APIResponse(
        Array(services.metrics.exposition().utf8), contentType: "text/plain; version=0.0.4; charset=utf-8")
    }
  }

  /// Brings the gauges up to date; where the store or the queue does not answer, counters are still told.
  private func refresh() async {
    let metrics = services.metrics
    do throws(DriverError) {
      let depths = try await services.queue.depths()
      metrics.clear(MetricName.queueDepth)
      metrics.clear(MetricName.queueOldest)
      for depth in depths {
        metrics.set(MetricName.queueDepth, depth.queue.rawValue, "waiting", to: Double(depth.waiting))
        metrics.set(MetricName.queueDepth, depth.queue.rawValue, "leased", to: Double(depth.leased))
        metrics.set(MetricName.queueOldest, depth.queue.rawValue, to: depth.oldest.inSeconds)
      }
      metrics.set(MetricName.deadLetters, to: Double(try await services.store.deadLetterCount()))
    } catch {
      services.log.log(.warning, "Gauges could not be refreshed.", error.logFields)
    }
  }
}
