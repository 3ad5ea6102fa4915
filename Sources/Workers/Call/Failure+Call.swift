import HTTPDriver
import WorkerKit

extension Failure {
  /// The failure for a request that got no response.
  init(calling url: String, _ failure: HTTPFailure) {
    var fields = ["reason": failure.description]
    if let target = try? HTTPTarget(url: url) {
      fields["host"] = target.host
      fields["port"] = String(target.port)
    }
    let (kind, code): (FailureKind, String) =
      switch failure {
      case .timeout: (.transient, "timed_out")
      case .connectionRefused: (.transient, "connection_refused")
      case .addressNotAllowed: (.permanent, "address_not_allowed")
      case .nameNotResolved: (.transient, "name_not_resolved")
      case .tls: (.transient, "tls_failed")
      case .connectionLost: (.transient, "connection_lost")
      case .responseTooLarge: (.permanent, "response_too_large")
      case .invalidResponse: (.transient, "invalid_response")
      case .invalidURL: (.permanent, "invalid_url")
      case .invalidRequest: (.permanent, "invalid_request")
      case .cancelled, .closed, .other: (.transient, "http_failed")
      }
    self.init(kind, code, "There was no answer that could be used.", fields: fields)
  }

  /// The failure for a response of a status that does not count as success. Its body is not looked at.
  init(answered response: HTTPResponse, now: Timestamp) {
    let isTransient = [408, 425, 429].contains(response.status) || response.status >= 500
    let wait = isTransient ? response.headers["retry-after"].flatMap { RetryAfter.read($0, now: now) } : nil
    self.init(
      isTransient ? .transient : .permanent, "http_status", "The answer's status is none that the stage expects.",
      fields: ["status": String(response.status)], retryAfter: wait)
  }
}
