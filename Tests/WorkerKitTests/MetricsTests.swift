import Foundation
import TestProcesses
import Testing
import WorkerKit

@Suite("Metrics")
struct MetricsTests {
  private let counter = MetricDefinition("test_total", .counter, "Things.", labels: ["name", "code"])
  private let gauge = MetricDefinition("test_depth", .gauge, "Depth.", labels: ["queue"])
  private let bare = MetricDefinition("test_bare_total", .counter, "Things without labels.")
  private let histogram = MetricDefinition("test_seconds", .histogram, "Times.", labels: ["route"])

  @Test func countersAndGaugesAreWritten() {
    let metrics = Metrics()
    metrics.add(to: counter, "b", "x")
    metrics.add(2, to: counter, "a", "x")
    metrics.add(3, to: counter, "a", "x")
    metrics.set(gauge, "q", to: 1.5)
    #expect(
      metrics.exposition(of: [counter, gauge, bare]) == """
        # HELP test_total Things.
        # TYPE test_total counter
        test_total{name="a",code="x"} 5
        test_total{name="b",code="x"} 1
        # HELP test_depth Depth.
        # TYPE test_depth gauge
        test_depth{queue="q"} 1.5
        # HELP test_bare_total Things without labels.
        # TYPE test_bare_total counter
        test_bare_total 0

        """)
    #expect(metrics.value(of: counter, "a", "x") == 5)
    #expect(metrics.value(of: counter, "c", "x") == 0)
  }

  @Test func gaugesAreForgotten() {
    let metrics = Metrics()
    metrics.set(gauge, "q", to: 1)
    metrics.add(to: bare)
    metrics.clear(gauge)
    #expect(metrics.value(of: gauge, "q") == 0)
    #expect(!metrics.exposition(of: [gauge]).contains("test_depth{"))
    #expect(metrics.value(of: bare) == 1)
  }

  @Test(arguments: [
    (#"a"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#), ("a\r\nb", "a\r\\nb"), ("é\u{301}", "é\u{301}"),
    ("{},=", "{},="), ("", ""),
  ]) func labelsAreEscaped(label: String, written: String) {
    let metrics = Metrics()
    metrics.set(gauge, label, to: 1)
    let lines = metrics.exposition(of: [gauge]).utf8.split(separator: UInt8(ascii: "\n")).map { String($0) ?? "" }
    #expect(lines.dropFirst(2) == ["test_depth{queue=\"\(written)\"} 1"])
  }

  @Test func bucketsAreCumulative() throws {
    let metrics = Metrics()
    for milliseconds in [1, 2, 40, 600, 1_000, 400_000] {
      metrics.observe(.milliseconds(milliseconds), in: histogram, "/events")
    }
    let lines = metrics.exposition(of: [histogram]).split(separator: "\n").dropFirst(2)
    let counts = try lines.filter { $0.hasPrefix("test_seconds_bucket") }.map { line in
      try #require(line.split(separator: " ").last.flatMap { Int($0) })
    }
    #expect(counts == [1, 2, 2, 2, 2, 3, 3, 3, 3, 5, 5, 5, 5, 5, 5, 5, 6])
    #expect(lines.first == #"test_seconds_bucket{route="/events",le="0.001"} 1"#)
    #expect(lines.contains(#"test_seconds_bucket{route="/events",le="1"} 5"#))
    #expect(lines.contains(#"test_seconds_bucket{route="/events",le="+Inf"} 6"#))
    #expect(
      lines.suffix(2) == [#"test_seconds_sum{route="/events"} 401.643"#, #"test_seconds_count{route="/events"} 6"#])
  }

  /// One sample of every metric, with labels that need escaping.
  private static func full() -> Metrics {
    let metrics = Metrics()
    for metric in MetricName.all {
      for label in ["a", "b \"\\\r\n{}"] where metric.labels.count > 0 || label == "a" {
        let labels = metric.labels.map { _ in label }
        metrics.sample(metric, labels)
      }
    }
    return metrics
  }

  @Test func everyLineHasTheForm() throws {
    let name = "[a-zA-Z_:][a-zA-Z0-9_:]*"
    let label = #"[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*""#
    let sample = try Regex("\(name)(\\{\(label)(,\(label))*\\})? [0-9.e+-]+").matchingSemantics(.unicodeScalar)
    let comment = try Regex("# (HELP \(name) .+|TYPE \(name) (counter|gauge|histogram))")
    let text = Self.full().exposition()
    #expect(text.utf8.last == UInt8(ascii: "\n"))
    for line in text.utf8.split(separator: UInt8(ascii: "\n")).map({ String($0) ?? "" }) {
      let matches = try sample.wholeMatch(in: line) != nil || comment.wholeMatch(in: line) != nil
      #expect(matches, "\(line)")
    }
    #expect(MetricName.all.allSatisfy { text.contains("# TYPE \($0.name) \($0.kind.rawValue)\n") })
  }

  @Test func namesFollowTheConventions() {
    #expect(Set(MetricName.all.map(\.name)).count == MetricName.all.count)
    for metric in MetricName.all {
      #expect(metric.name.hasPrefix("millrace_"))
      #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
      #expect(metric.kind != .histogram || metric.name.hasSuffix("_seconds"), "\(metric.name)")
      #expect(!metric.help.isEmpty && !metric.help.contains("\n") && !metric.help.contains("\\"))
    }
  }

  @Test(.enabled(if: Promtool.isInstalled, "promtool is not installed."))
  func promtoolAccepts() async throws {
    #expect(try await Promtool.complaints(about: Self.full().exposition()) == "")
  }
}

extension Metrics {
  /// Puts one value into a metric with up to three labels.
  fileprivate func sample(_ metric: MetricDefinition, _ labels: [String]) {
    switch (metric.kind, labels.count) {
    case (.histogram, 1): observe(.milliseconds(3), in: metric, labels[0])
    case (.histogram, _): observe(.milliseconds(3), in: metric, labels[0], labels[1])
    case (_, 0): add(to: metric)
    case (_, 1): add(to: metric, labels[0])
    case (_, 2): add(to: metric, labels[0], labels[1])
    default: add(to: metric, labels[0], labels[1], labels[2])
    }
  }
}

/// Prometheus' own checker, where it is installed.
private enum Promtool {
  static var path: String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/promtool" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  static var isInstalled: Bool { path != nil }

  static func complaints(about text: String) async throws -> String {
    let result = try await Program(path ?? "", ["check", "metrics"]).run(input: Data(text.utf8))
    return result.output + result.errors
  }
}
