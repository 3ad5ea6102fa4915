import DriverThreads
public import HTTPDriver
public import Logging
import Synchronization
public import WorkerKit

/// Sends spans to a collector as OTLP/HTTP in JSON. Every span goes through a spool on disk, so that none is lost while
/// the collector is away, whatever becomes of the process.
public final class SpanExporter: Sendable {
  private let configuration: ExporterConfiguration
  private let resource: [String: String]
  private let client: HTTPClient
  private let environment: Environment
  private let metrics: Metrics
  private let log: Logger
  private let spool: SpanSpool
  private let buffer = SpanBuffer()
  private let files = WorkThread(name: "spans")
  private let isAway = Mutex(false)
  /// Raised when a batch was kept, and when one was sent or could not be.
  private let spooled = Signal()
  private let progress = Signal()

  private static let policy = RetryPolicy(initial: .seconds(1), longest: .seconds(30))

  /// Prepares to send; `run` does it. Spans wait in `folder`, where those of an earlier process are found.
  /// - Throws: A `Failure` when the folder can neither be read nor created.
  public init(
    _ configuration: ExporterConfiguration, version: String, folder: String, client: HTTPClient,
    environment: Environment, metrics: Metrics, log: Logger
  ) throws(Failure) {
    do { spool = try SpanSpool(folder: folder, limit: configuration.spoolBytes) } catch {
      throw Failure(
        .transient, "span_spool_unusable", "The folder for spans cannot be read or created.", fields: ["path": folder])
    }
    self.configuration = configuration
    resource = [
      "service.name": configuration.serviceName, "service.version": version,
      "service.instance.id": environment.id(), "telemetry.sdk.name": "millrace", "telemetry.sdk.language": "swift",
    ]
    self.client = client
    self.environment = environment
    self.metrics = metrics
    self.log = log
  }

  /// Takes a span that has ended. Never waits.
  func take(_ span: FinishedSpan) {
    if !buffer.put(span) { metrics.add(to: MetricName.spansDropped, "buffer_full") }
  }

  /// Keeps and sends until the task is cancelled; what has ended by then is kept for the next process.
  public func run() async {
    metrics.set(MetricName.spanSpool, to: Double(spool.bytes))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.gather() }
      group.addTask { await self.send() }
    }
  }

  /// Waits until everything that has ended is sent, unless the collector is away, and for `limit` at most.
  public func finish(atMost limit: Duration) async {
    buffer.hurry()
    let end = environment.time.monotonic + limit
    while true {
      let seen = progress.count
      let isKept = buffer.isEmpty
      if isKept, spool.oldest == nil || isAway.withLock({ $0 }) { return }
      let rest = end - environment.time.monotonic
      guard rest > .zero, !Task.isCancelled else { return }
      await progress.wait(after: seen, atMost: rest, on: environment.time)
    }
  }

  private func gather() async {
    while !Task.isCancelled {
      await buffer.wait(on: environment.time)
      await keep()
    }
    await keep()
  }

  private func keep() async {
    let spans = buffer.takeAll()
    for start in stride(from: 0, to: spans.count, by: SpanBuffer.batch) {
      let batch = Array(spans[start..<min(start + SpanBuffer.batch, spans.count)])
      let dropped = await files.run { [spool, resource] in
        try? spool.append(OTLPEncoding.request(batch, resource: resource), spans: batch.count)
      }
      note(dropped ?? nil, of: batch.count)
      buffer.left(batch.count)
      spooled.raise()
      progress.raise()
    }
  }

  private func note(_ dropped: Int?, of count: Int) {
    metrics.set(MetricName.spanSpool, to: Double(spool.bytes))
    if let dropped, dropped > 0 {
      metrics.add(dropped, to: MetricName.spansDropped, "spool_full")
      log.log(.warning, "Spans were dropped, the oldest: the room for them is full.", [.count: String(dropped)])
    } else if dropped == nil {
      metrics.add(count, to: MetricName.spansDropped, "spool_failed")
      log.log(.error, "Spans were dropped: they cannot be written to the data folder.", [.count: String(count)])
    }
  }

  private func send() async {
    var failures = 0
    while !Task.isCancelled {
      let seen = spooled.count
      guard let entry = spool.oldest else {
        await spooled.wait(after: seen)
        continue
      }
      guard let body = await files.run({ [spool] in spool.read(entry) }) ?? nil else {
        await forget(entry)
        continue
      }
      switch await post(body) {
      case .taken(let rejected):
        failures = 0
        note(entry, rejected: rejected)
        await forget(entry)
      case .refused(let code):
        failures = 0
        refuse(entry, code)
        await forget(entry)
      case .away(let code, let asked):
        failures += 1
        await wait(after: failures, code, asked)
      }
    }
  }

  private func forget(_ entry: SpanSpool.Entry) async {
    _ = await files.run { [spool] in spool.remove(entry) }
    metrics.set(MetricName.spanSpool, to: Double(spool.bytes))
    progress.raise()
  }

  private func note(_ entry: SpanSpool.Entry, rejected: Int) {
    let wasAway = isAway.withLock { away in
      defer { away = false }
      return away
    }
    if wasAway { log.log(.info, "The collector takes spans again.", [:]) }
    metrics.add(max(0, entry.spans - rejected), to: MetricName.spansExported)
    guard rejected > 0 else { return }
    metrics.add(rejected, to: MetricName.spansDropped, "refused")
    log.log(.warning, "The collector did not want some spans.", [.count: String(rejected)])
  }

  private func refuse(_ entry: SpanSpool.Entry, _ code: String) {
    metrics.add(entry.spans, to: MetricName.spansDropped, "refused")
    log.log(
      .error, "Spans were dropped: the collector refuses them.", [.count: String(entry.spans), .errorCode: code])
  }

  private func wait(after failures: Int, _ code: String, _ asked: Duration?) async {
    let isNew = isAway.withLock { away in
      defer { away = true }
      return !away
    }
    if isNew, !Task.isCancelled {
      log.log(.warning, "Spans cannot be sent; they wait in the data folder.", [.errorCode: code])
    }
    progress.raise()
    let wait = Self.policy.wait(after: failures, chance: environment.random.unit(), atLeast: asked)
    try? await environment.time.sleep(for: max(wait, .milliseconds(50)))
  }

  private func post(_ body: [UInt8]) async -> CollectorAnswer {
    var request = HTTPRequest(
      method: "POST", url: configuration.url, body: body, timeout: configuration.timeout,
      maximumResponseBytes: 1 << 20)
    for (name, value) in configuration.headers { request.headers[name] = value }
    request.headers["Content-Type"] = "application/json"
    do throws(HTTPFailure) {
      return CollectorAnswer(try await client.send(request), now: environment.time.now)
    } catch {
      return CollectorAnswer(error)
    }
  }
}
