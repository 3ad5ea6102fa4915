import Foundation
import HTTPDriver
import Logging
import TestCollector
import Testing
import Tracing
import WorkerKit
import WorkerKitTesting

@testable import TracingDriver

/// The exporter against a real collector: what becomes of spans while that is away, and what when it answers badly.
@Suite("Spans on their way", .timeLimit(.minutes(5)))
struct ExporterTests {
  /// A tracer and its exporter over a folder, with the machine's own clock.
  private final class Bench: Sendable {
    let exporter: SpanExporter
    let tracer: OTLPTracer
    let metrics = Metrics()
    let folder: URL

    init(port: Int, folder: URL, bytes: Int = 1 << 20, headers: [String: String] = [:]) throws {
      self.folder = folder
      exporter = try SpanExporter(
        ExporterConfiguration(
          url: "http://127.0.0.1:\(port)/v1/traces", headers: headers, spoolBytes: bytes),
        version: "1.2.3", folder: folder.path, client: try HTTPClient(), environment: .system, metrics: metrics,
        log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      tracer = OTLPTracer(exporter: exporter, environment: .system)
    }

    func spans(_ names: some Sequence<Int>, length: Int = 1) {
      for name in names {
        let span = tracer.startSpan("span \(name)", context: .topLevel)
        span.attributes["filler"] = String(repeating: "x", count: length)
        span.end()
      }
    }

    /// Exports while `body` runs.
    func running(_ body: @Sendable () async throws -> Void) async throws {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await self.exporter.run() }
        defer { group.cancelAll() }
        try await body()
      }
    }

    var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? [] }
    func dropped(_ reason: String) -> Double { metrics.value(of: MetricName.spansDropped, reason) }
    var exported: Double { metrics.value(of: MetricName.spansExported) }
  }

  /// Asks until `isSo`; the test's time limit ends what never comes.
  private func until(_ isSo: () async throws -> Bool) async throws {
    while try await !isSo() {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  private func names(_ spans: [JSON]) -> [String] { spans.map { $0["name"]?.string ?? "" } }

  private func names(_ numbers: some Sequence<Int>) -> [String] { numbers.map { "span \($0)" } }

  @Test("Spans arrive in their order, with what the collector wants to know")
  func delivers() async throws {
    let collector = try await Collector()
    let bench = try Bench(
      port: collector.port, folder: Collector.newFolder(), headers: ["authorization": "Bearer s3cret"])
    try await bench.running {
      bench.spans(0..<1200)
      await bench.exporter.finish(atMost: .seconds(60))
    }
    #expect(try names(collector.spans()) == names(0..<1200))
    #expect(bench.exported == 1200)
    #expect(bench.files.isEmpty)
    #expect(bench.metrics.value(of: MetricName.spanSpool) == 0)
    let headers = try String(contentsOf: collector.folder.appending(path: "headers"), encoding: .utf8)
    #expect(headers.lowercased().contains("authorization: bearer s3cret"))
  }

  @Test("Nothing is lost while the collector is away, over two lives of the process, and the order stays")
  func outlastsTheCollector() async throws {
    let (collector, folder) = (try await Collector(), try Collector.newFolder())
    let first = try Bench(port: collector.port, folder: folder)
    try await first.running {
      first.spans(0..<10)
      await first.exporter.finish(atMost: .seconds(60))
      try await collector.kill()
      first.spans(10..<700)
      // Returns although the collector is gone: everything is in the spool.
      await first.exporter.finish(atMost: .seconds(60))
    }
    #expect(try collector.spans().count == 10)
    #expect(!first.files.isEmpty)
    let second = try Bench(port: collector.port, folder: folder)
    try await second.running {
      second.spans(700..<720)
      try await until { second.files.count > first.files.count || second.metrics.value(of: MetricName.spanSpool) > 0 }
      let again = try await Collector(port: collector.port, folder: collector.folder)
      try await until { try again.spans().count >= 720 }
      try await until { second.files.isEmpty }
      #expect(try names(again.spans()) == names(0..<720))
    }
    #expect(second.exported == 710)
    #expect(second.dropped("spool_full") == 0)
  }

  @Test(
    "Statuses that pass are tried again, not before the collector wants it", arguments: ["429", "502", "503,0", "504"])
  func triesAgain(answer: String) async throws {
    let collector = try await Collector(answers: [answer])
    let bench = try Bench(port: collector.port, folder: Collector.newFolder())
    try await bench.running {
      bench.spans(0..<3)
      try await until { bench.exported == 3 }
    }
    #expect(try names(collector.spans()) == names(0..<3))
    #expect(bench.dropped("refused") == 0)
  }

  @Test("Other statuses drop the batch, counted, and what follows is sent", arguments: ["400", "401", "500", "302"])
  func dropsWhatIsRefused(answer: String) async throws {
    let collector = try await Collector(answers: [answer])
    let bench = try Bench(port: collector.port, folder: Collector.newFolder())
    try await bench.running {
      bench.spans(0..<3)
      try await until { bench.dropped("refused") == 3 }
      bench.spans(3..<5)
      try await until { bench.exported == 2 }
    }
    #expect(try names(collector.spans()) == names(3..<5))
    #expect(bench.files.isEmpty)
  }

  @Test("Spans that the collector rejects one by one are counted and not sent again")
  func countsRejections() async throws {
    let collector = try await Collector(answers: ["200,2"])
    let bench = try Bench(port: collector.port, folder: Collector.newFolder())
    try await bench.running {
      bench.spans(0..<5)
      await bench.exporter.finish(atMost: .seconds(60))
    }
    #expect(bench.exported == 3)
    #expect(bench.dropped("refused") == 2)
    #expect(try collector.spans().count == 5)
  }

  @Test("A full spool drops its oldest batches, counts them, and keeps to its bound")
  func boundsTheSpool() async throws {
    let bench = try Bench(port: 1, folder: Collector.newFolder(), bytes: 64 << 10)
    try await bench.running {
      for batch in 0..<10 {
        bench.spans(batch * 10..<(batch + 1) * 10, length: 1000)
        await bench.exporter.finish(atMost: .seconds(60))
      }
    }
    let left = bench.files.compactMap { name in name.split(separator: "-").last.flatMap { Int($0.dropLast(5)) } }
    #expect(bench.dropped("spool_full") > 0)
    #expect(Double(left.reduce(0, +)) + bench.dropped("spool_full") == 100)
    #expect(bench.metrics.value(of: MetricName.spanSpool) <= 65_536)
    let last = try String(contentsOf: bench.folder.appending(path: try #require(bench.files.last)), encoding: .utf8)
    #expect(last.contains("span 99"))
  }

  @Test("Half a batch of a killed process is cleared away, and what is whole is found")
  func findsWhatWasLeft() throws {
    let folder = try Collector.newFolder()
    let spool = try SpanSpool(folder: folder.path, limit: 1 << 20)
    #expect(try spool.append(Array("{}".utf8), spans: 7) == 0)
    try Data("{".utf8).write(to: folder.appending(path: "half.tmp"))
    let again = try SpanSpool(folder: folder.path, limit: 1 << 20)
    let entry = try #require(again.oldest)
    #expect(entry.spans == 7)
    #expect(again.bytes == 4096)
    #expect(again.read(entry) == Array("{}".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [entry.name])
    _ = try again.append([], spans: 1)
    again.remove(entry)
    #expect(again.oldest?.number == 2)
  }

  @Test("Spans that cannot be written are counted, and cost none of those that wait")
  func countsWhatCannotBeWritten() async throws {
    let bench = try Bench(port: 1, folder: Collector.newFolder())
    try await bench.running {
      bench.spans(0..<3)
      await bench.exporter.finish(atMost: .seconds(60))
      let kept = bench.files
      #expect(kept.count == 1)
      // Neither mode nor owner would keep a privileged user out.
      let aside = bench.folder.appendingPathExtension("aside")
      try FileManager.default.moveItem(at: bench.folder, to: aside)
      bench.spans(3..<7)
      try await until { bench.dropped("spool_failed") == 4 }
      #expect(try FileManager.default.contentsOfDirectory(atPath: aside.path) == kept)
    }
    #expect(bench.dropped("spool_full") == 0)
  }

  @Test("A folder that cannot be made is said at once")
  func refusesABadFolder() {
    #expect(throws: Failure.self) { try Bench(port: 1, folder: URL(filePath: "/dev/null/spans")) }
  }

  @Test("Ending a span waits for nothing: beyond the bound it is dropped and counted")
  func neverWaits() throws {
    let bench = try Bench(port: 1, folder: Collector.newFolder())
    bench.spans(0..<SpanBuffer.limit + 5)
    #expect(bench.dropped("buffer_full") == 5)
  }
}
