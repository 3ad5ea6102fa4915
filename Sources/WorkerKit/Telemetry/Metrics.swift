import Synchronization

/// What a metric is called, what kind it is, and which labels it has: data, in one list (`MetricName`).
public struct MetricDefinition: Sendable, Hashable {
  /// How a metric's values combine.
  public enum Kind: String, Sendable, Hashable {
    case counter, gauge, histogram
  }

  public let name: String
  public let kind: Kind
  /// One sentence for whoever reads `/metrics`.
  public let help: String
  public let labels: [String]

  /// What the values are counted in, as the name's end says: `seconds`, `bytes`, or 1 for a number of things.
  public var unit: String { ["seconds", "bytes", "usd"].first { name.contains("_\($0)") } ?? "1" }

  /// Defines a metric.
  public init(_ name: String, _ kind: Kind, _ help: String, labels: [String] = []) {
    self.name = name
    self.kind = kind
    self.help = help
    self.labels = labels
  }
}

/// The process's counters, gauges and histograms. Counters are kept, never counted from tables.
///
/// Labels are bounded words: no tenant, job or user is one.
public final class Metrics: Sendable {
  struct Series: Hashable {
    let name: String
    let labels: [String]
  }

  struct Histogram {
    var counts = [UInt64](repeating: 0, count: Metrics.bounds.count)
    var sum = 0.0
    var total: UInt64 = 0

    mutating func count(_ seconds: Double) {
      for index in counts.indices.reversed() {
        guard seconds <= Metrics.bounds[index] else { break }
        counts[index] += 1
      }
      sum += seconds
      total += 1
    }
  }

  private struct State {
    var values: [Series: Double] = [:]
    var histograms: [Series: Histogram] = [:]
  }

  private let state = Mutex(State())

  /// Upper bounds of the histograms' buckets, in seconds.
  static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

  /// Starts with nothing counted.
  public init() {}

  /// Adds to a counter; `labels` in the order of its definition.
  public func add(_ amount: Int = 1, to metric: MetricDefinition, _ labels: String...) {
    state.withLock { $0.values[Series(name: metric.name, labels: labels), default: 0] += Double(amount) }
  }

  /// Sets a gauge.
  public func set(_ metric: MetricDefinition, _ labels: String..., to value: Double) {
    state.withLock { $0.values[Series(name: metric.name, labels: labels)] = value }
  }

  /// Forgets a gauge's series, before they are set anew.
  public func clear(_ metric: MetricDefinition) {
    state.withLock { state in state.values = state.values.filter { $0.key.name != metric.name } }
  }

  /// Counts a length of time into a histogram.
  public func observe(_ length: Duration, in metric: MetricDefinition, _ labels: String...) {
    let seconds = length.inSeconds
    state.withLock { $0.histograms[Series(name: metric.name, labels: labels), default: Histogram()].count(seconds) }
  }

  /// Counts several lengths of time at once.
  public func observe(_ lengths: [Duration], in metric: MetricDefinition, _ labels: String...) {
    guard !lengths.isEmpty else { return }
    let series = Series(name: metric.name, labels: labels)
    state.withLock { state in
      var histogram = state.histograms[series] ?? Histogram()
      for length in lengths { histogram.count(length.inSeconds) }
      state.histograms[series] = histogram
    }
  }

  /// The present value of a counter or gauge; zero where nothing was counted.
  public func value(of metric: MetricDefinition, _ labels: String...) -> Double {
    state.withLock { $0.values[Series(name: metric.name, labels: labels)] ?? 0 }
  }

  /// Everything in the text format of Prometheus, version 0.0.4
  /// (https://prometheus.io/docs/instrumenting/exposition_formats/).
  public func exposition(of definitions: [MetricDefinition] = MetricName.all) -> String {
    let (values, histograms) = state.withLock { ($0.values, $0.histograms) }
    return definitions.map { definition in
      let lines =
        definition.kind == .histogram
        ? Exposition.histogram(definition, histograms.filter { $0.key.name == definition.name })
        : Exposition.simple(definition, values.filter { $0.key.name == definition.name })
      return "# HELP \(definition.name) \(definition.help)\n# TYPE \(definition.name) \(definition.kind.rawValue)\n"
        + lines
    }.joined()
  }
}

/// Writes series line by line.
private enum Exposition {
  static func simple(_ definition: MetricDefinition, _ values: [Metrics.Series: Double]) -> String {
    if values.isEmpty, definition.labels.isEmpty { return "\(definition.name) 0\n" }
    return values.map { "\(definition.name)\(labels(definition, $0.key)) \(number($0.value))\n" }.sorted().joined()
  }

  static func histogram(_ definition: MetricDefinition, _ series: [Metrics.Series: Metrics.Histogram]) -> String {
    series.sorted { $0.key.labels.lexicographicallyPrecedes($1.key.labels) }.map { key, histogram in
      let buckets = zip(Metrics.bounds, histogram.counts).map { bound, count in
        "\(definition.name)_bucket\(labels(definition, key, ("le", number(bound)))) \(count)\n"
      }
      let all = "\(definition.name)_bucket\(labels(definition, key, ("le", "+Inf"))) \(histogram.total)\n"
      let sum = "\(definition.name)_sum\(labels(definition, key)) \(number(histogram.sum))\n"
      return buckets.joined() + all + sum + "\(definition.name)_count\(labels(definition, key)) \(histogram.total)\n"
    }.joined()
  }

  private static func labels(
    _ definition: MetricDefinition, _ series: Metrics.Series, _ extra: (String, String)? = nil
  ) -> String {
    var pairs = Array(zip(definition.labels, series.labels))
    if let extra { pairs.append(extra) }
    guard !pairs.isEmpty else { return "" }
    return "{\(pairs.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ","))}"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    // Scalars, since a carriage return and a line feed are one character.
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
