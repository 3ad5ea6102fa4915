public import WorkerKit

/// What a stage of `http.call` says in `with`.
public struct CallOptions: WorkerOptions {
  static let url = OptionField<String>(
    "url", "Where to send the request: an absolute http or https URL.", example: "https://captions.example/v1/captions",
    check: { url in
      let start = url.prefix(8).lowercased()
      return start.hasPrefix("http://") || start.hasPrefix("https://") ? nil : "must begin with http:// or https://"
    })
  static let method = OptionField<CallMethod>("method", "The request's method.", default: .post)
  static let headers = OptionField<[String: String]>(
    "headers", "Header fields to send. No secrets: pipeline files and jobs are shown to people.", default: [:],
    example: ["Accept": "application/json"], check: { Self.problem(with: $0) })
  static let body = OptionField<JSON?>(
    "body", "Any JSON value, sent as application/json. Without it, or with null, the request has no body.",
    example: .some(["object": "${event.payload.object_key}"]))
  static let expect = OptionField<[Int]?>(
    "expect", "The statuses that count as success, instead of 200 to 299.", example: .some([200, 404]),
    check: { statuses in
      guard let statuses else { return nil }
      guard !statuses.isEmpty else { return "must name at least one status" }
      return statuses.allSatisfy { (200...599).contains($0) } ? nil : "must hold statuses from 200 to 599"
    })
  static let limit = OptionField<Int>(
    "max_response_bytes", "The largest body of a response that is accepted.", default: 1 << 20,
    check: { (1...1 << 20).contains($0) ? nil : "must be from 1 to 1048576" })
  static let callback = OptionField<LaterAnswer?>(
    "callback",
    "The service may answer 202, and the output later: the request tells it where, and the job waits for up to "
      + "`timeout`, 30d at most, without a place on a host.",
    example: .some(LaterAnswer(timeout: .seconds(3600))))

  public static let fields = [
    url.description, method.description, headers.description, body.description, expect.description,
    limit.description, callback.description,
  ]

  let url: String
  let method: CallMethod
  let headers: [String: String]
  let body: JSON?
  let expect: Set<Int>
  let limit: Int
  let callback: LaterAnswer?

  public init(_ reader: OptionReader) throws(OptionProblem) {
    url = try reader.value(Self.url)
    method = try reader.value(Self.method)
    headers = try reader.value(Self.headers)
    body = try reader.value(Self.body)
    expect = try reader.value(Self.expect).map { Set($0) } ?? Set(200...299)
    limit = try reader.value(Self.limit)
    callback = try reader.value(Self.callback)
  }

  /// What HTTP or this worker sets itself.
  private static let reserved: Set<String> = [
    "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
    "idempotency-key", "millrace-job-id", "millrace-attempt", "millrace-callback-url", "millrace-callback-token",
    "traceparent", "tracestate",
  ]

  private static func problem(with headers: [String: String]) -> String? {
    let names = headers.keys.map { $0.lowercased() }
    if let name = names.sorted().first(where: reserved.contains) {
      return "must not hold \(name), which is set already"
    }
    return Set(names).count == names.count ? nil : "must hold a name once, whatever its case"
  }
}

/// The methods of requests.
enum CallMethod: String, OptionWord, Sendable {
  case get = "GET"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
}
