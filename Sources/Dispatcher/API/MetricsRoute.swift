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

  /// Tenants are too many to be labels, and are counted together.
  private func count(_ pauses: Pauses) {
    services.metrics.clear(MetricName.paused)
    var tenants = 0
    for scope in pauses.scopes {
      if case .tenant = scope { tenants += 1 } else { services.metrics.set(MetricName.paused, "\(scope)", to: 1) }
    }
    services.metrics.set(MetricName.paused, "tenants", to: Double(tenants))
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
      count(try await services.store.pauses())
    } catch {
      services.log.log(.warning, "Gauges could not be refreshed.", error.logFields)
    }
  }
}
