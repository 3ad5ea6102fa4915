import HTTPDriver
import WorkerKit

/// What a collector's response means (https://opentelemetry.io/docs/specs/otlp/#otlphttp-response).
enum CollectorAnswer: Sendable, Hashable {
  /// It has the spans, but for some that it will never want.
  case taken(rejected: Int)
  /// The same request will never be taken.
  case refused(code: String)
  /// The same request may be taken later, not before `after` where it says so.
  case away(code: String, after: Duration?)

  /// The statuses after which OTLP wants the request sent again.
  private static let passing: Set<Int> = [429, 502, 503, 504]

  init(_ response: HTTPResponse, now: Timestamp) {
    switch response.status {
    case 200...299: self = .taken(rejected: Self.rejected(in: response.body))
    case let status where Self.passing.contains(status):
      let asked = response.headers["retry-after"].flatMap { RetryAfter.read($0, now: now) }
      self = .away(code: "http_\(status)", after: asked)
    case let status: self = .refused(code: "http_\(status)")
    }
  }

  init(_ failure: HTTPFailure) {
    // A response that cannot be used says nothing about the spans; OTLP has them sent again.
    self =
      failure.isTransient || failure == .responseTooLarge
      ? .away(code: "no_connection", after: nil) : .refused(code: "request_impossible")
  }

  /// `partialSuccess.rejectedSpans`: a 64-bit number, which JSON carries as a text.
  private static func rejected(in body: [UInt8]) -> Int {
    guard let answer = try? JSONReader.parse(body) else { return 0 }
    return switch answer["partialSuccess"]?["rejectedSpans"] {
    case .integer(let number)?: Int(clamping: max(0, number))
    case .string(let text)?: max(0, Int(text) ?? 0)
    default: 0
    }
  }
}
