/// Where spans go, and how.
public struct ExporterConfiguration: Sendable {
  /// The whole URL, `/v1/traces` included.
  public let url: String
  /// Sent with each request; they may hold a secret.
  public let headers: [String: String]
  /// How long one request may take.
  public let timeout: Duration
  /// What the spans' resource is called.
  public let serviceName: String
  /// The most bytes of disk that spans may take while they wait, in blocks of 4 KiB.
  public var spoolBytes: Int

  /// The disk that waiting spans may take unless told otherwise: 256 MiB.
  public static let standardSpoolBytes = 256 << 20

  /// Describes where spans go.
  public init(
    url: String, headers: [String: String] = [:], timeout: Duration = .seconds(10), serviceName: String = "millrace",
    spoolBytes: Int = ExporterConfiguration.standardSpoolBytes
  ) {
    self.url = url
    self.headers = headers
    self.timeout = timeout
    self.serviceName = serviceName
    self.spoolBytes = spoolBytes
  }

  /// Reads the variables of the OpenTelemetry specification: `OTEL_EXPORTER_OTLP_ENDPOINT`, to which `/v1/traces` is
  /// added, or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, which is taken as it is; `…_HEADERS`, `…_TIMEOUT` in
  /// milliseconds, and `OTEL_SERVICE_NAME`. Nil where neither endpoint is set, or `OTEL_SDK_DISABLED` is `true`.
  /// - Throws: An `ExporterProblem` that names the variable whose value is none.
  public static func read(_ variable: (String) -> String?) throws(ExporterProblem) -> ExporterConfiguration? {
    guard variable("OTEL_SDK_DISABLED")?.lowercased() != "true", let url = try endpoint(variable) else { return nil }
    return ExporterConfiguration(
      url: url, headers: try headers(variable), timeout: try timeout(variable),
      serviceName: variable("OTEL_SERVICE_NAME") ?? "millrace")
  }

  private static func endpoint(_ variable: (String) -> String?) throws(ExporterProblem) -> String? {
    let own = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
    if let text = variable(own) { return try url(text, own) }
    let general = "OTEL_EXPORTER_OTLP_ENDPOINT"
    guard let text = variable(general) else { return nil }
    let base = try url(text, general)
    return base + (base.hasSuffix("/") ? "v1/traces" : "/v1/traces")
  }

  private static func url(_ text: String, _ name: String) throws(ExporterProblem) -> String {
    let start = text.prefix(8).lowercased()
    guard start.hasPrefix("http://") || start.hasPrefix("https://"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { throw ExporterProblem(variable: name, expected: "a URL like http://localhost:4318") }
    return text
  }

  private static func timeout(_ variable: (String) -> String?) throws(ExporterProblem) -> Duration {
    let general = "OTEL_EXPORTER_OTLP_TIMEOUT"
    let own = "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"
    let name = variable(own) == nil ? general : own
    guard let text = variable(name) else { return .seconds(10) }
    guard let milliseconds = Int(text), (1...600_000).contains(milliseconds) else {
      throw ExporterProblem(variable: name, expected: "1 to 600000 milliseconds")
    }
    return .milliseconds(milliseconds)
  }

  /// `name=value,name=value`, the values percent-encoded.
  private static func headers(_ variable: (String) -> String?) throws(ExporterProblem) -> [String: String] {
    let own = "OTEL_EXPORTER_OTLP_TRACES_HEADERS"
    let name = variable(own) == nil ? "OTEL_EXPORTER_OTLP_HEADERS" : own
    var headers: [String: String] = [:]
    for part in (variable(name) ?? "").split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = pair[0].filter { $0 != " " }
      guard pair.count == 2, !key.isEmpty, let value = decoded(pair[1]) else {
        throw ExporterProblem(variable: name, expected: "name=value, with commas between them and values URL-encoded")
      }
      headers[key] = value
    }
    return headers
  }

  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let escaped = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
        return nil
      }
      bytes.append(escaped)
      rest = rest.dropFirst(2)
    }
    guard let value = String(validating: bytes, as: UTF8.self), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
    else { return nil }
    return String(value.drop { $0 == " " })
  }
}

/// A variable whose value is not what it should be. It does not hold the value, which may be a secret.
public struct ExporterProblem: Error, Sendable, Hashable, CustomStringConvertible {
  public let variable: String
  public let expected: String

  /// One line for a person.
  public var description: String { "\(variable) is not \(expected)" }
}
