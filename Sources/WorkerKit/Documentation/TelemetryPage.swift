/// The documentation of metrics, spans and log fields, made from the lists that the code itself uses.
public struct TelemetryPage {
  private let metrics: [MetricDefinition]
  private let spans: [SpanDefinition]
  private let fields: [LogKey]

  /// The page of everything that there is.
  public init() {
    metrics = MetricName.all
    spans = SpanName.all
    fields = LogKey.allCases
  }

  /// The page in Markdown.
  public var markdown: String {
    let parts = [
      "# Telemetry", "Made by `millrace telemetry docs`.",
      "## Metrics", Self.aboutMetrics,
      table(
        ["metric", "kind", "labels", "unit", ""],
        metrics.map { metric in
          [
            "`\(metric.name)`", metric.kind.rawValue, metric.labels.map { "`\($0)`" }.joined(separator: ", "),
            metric.unit, metric.help,
          ]
        }),
      "## Spans", Self.aboutSpans,
      table(
        ["span", "kind", "attributes", ""],
        spans.map { span in
          [
            "`\(span.form)`", "\(span.kind)", span.attributes.map { "`\($0.rawValue)`" }.joined(separator: ", "),
            span.meaning,
          ]
        }),
      table(["attribute", ""], SpanKey.allCases.map { ["`\($0.rawValue)`", $0.meaning] }),
      "## Logs", Self.aboutLogs,
      table(
        ["field", "within a job", ""],
        fields.map { ["`\($0.rawValue)`", LogKey.ofJobs.contains($0) ? "yes" : "", $0.meaning] }),
    ]
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// The same for programs.
  public var json: JSON {
    .object([
      "metrics": .array(
        metrics.map { metric in
          [
            "name": .string(metric.name), "kind": .string(metric.kind.rawValue), "unit": .string(metric.unit),
            "labels": .array(metric.labels.map { .string($0) }), "meaning": .string(metric.help),
          ]
        }),
      "spans": .array(
        spans.map { span in
          [
            "name": .string(span.form), "kind": .string("\(span.kind)"), "meaning": .string(span.meaning),
            "attributes": .array(span.attributes.map { .string($0.rawValue) }),
          ]
        }),
      "attributes": .array(
        SpanKey.allCases.map { ["name": .string($0.rawValue), "meaning": .string($0.meaning)] }),
      "fields": .array(
        fields.map { field in
          [
            "name": .string(field.rawValue), "meaning": .string(field.meaning),
            "within_jobs": .bool(LogKey.ofJobs.contains(field)),
          ]
        }),
    ])
  }

  private func table(_ head: [String], _ rows: [[String]]) -> String {
    let lines = [head, head.map { _ in "---" }] + rows.map { row in row.map { $0.replacing("|", with: "\\|") } }
    return lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
  }

  private static let aboutMetrics = """
    At `GET /metrics`, in the text format of Prometheus. Counters begin at zero with the process. No tenant, job or \
    user is a label.
    """

  private static let aboutSpans = """
    One trace leads from the API's request over the event and its jobs to the events that they cause, and on. Spans \
    are sent as OTLP/HTTP in JSON to the collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names (`/v1/traces` is added), \
    or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` (taken as it is); without either none are made. \
    `OTEL_EXPORTER_OTLP_HEADERS` is sent with them, `OTEL_EXPORTER_OTLP_TIMEOUT` bounds each request (10,000 ms), and \
    `OTEL_SERVICE_NAME` says who sends (`millrace`); `OTEL_SDK_DISABLED=true` switches it off. A `traceparent` whose \
    sampling flag is not set is passed on, and nothing under it is recorded.

    Spans that have ended are written to the data folder within half a second, and removed when the collector has \
    taken them. While it is away they wait there, for 256 MiB at most: then the oldest are dropped, counted in \
    `millrace_spans_dropped_total` and logged. A process that is killed loses the spans of its last half second, and \
    those of what it had under way; a machine that loses power may lose more, since the files are not synchronised. \
    Spans are sent in the order in which they ended. A process that is killed between the collector's answer and the \
    removal sends a batch twice, under the same ids.

    Connection errors and statuses 429, 502, 503 and 504 are tried again after a growing wait of up to 30 s, or what \
    `Retry-After` asks for; other statuses drop the batch, as OTLP demands, which is counted and logged.

    The ids of jobs' and attempts' spans are hashes of the job's id, and of that and the fence, so that a later \
    attempt can link to an earlier one that ran elsewhere. An attempt whose host was killed has no span: links to it \
    lead nowhere. Neither payloads nor failures' messages are part of a span.
    """

  private static let aboutLogs = """
    JSON lines on standard error, each with `time`, `level`, `message` and `logger`. Messages are constant; what \
    varies stands in fields. Within a job a line also has whatever else the event's `context` holds.
    """
}
