import HTTPDriver
import Logging
import Tracing
import TracingDriver
import WorkerKit

/// What makes a server's spans and sends them.
struct ServerTracing {
  let tracer: any Tracer
  let exporter: SpanExporter

  /// How long a server that stops may wait for the collector.
  static let patience = Duration.seconds(5)

  /// Prepares to send spans where the variables of OpenTelemetry say; nil where they name no collector.
  static func open(
    folder: String, environment: Environment, metrics: Metrics, log: Logger
  ) throws -> ServerTracing? {
    let configuration: ExporterConfiguration?
    do throws(ExporterProblem) {
      configuration = try ExporterConfiguration.read(EnvironmentVariable.text)
    } catch {
      throw CommandError.usage(error.description)
    }
    guard let configuration else { return nil }
    let exporter = try SpanExporter(
      configuration, version: Version.number, folder: folder, client: try HTTPClient(), environment: environment,
      metrics: metrics, log: log)
    return ServerTracing(tracer: OTLPTracer(exporter: exporter, environment: environment), exporter: exporter)
  }
}
