public import HTTPDriver
import Tracing
public import WorkerKit

/// `http.call`: sends a request to a URL, so that a stage can be written in any language.
public struct CallWorker: Worker {
  public static let name: WorkerName = "http.call"
  public static let summary = """
    Sends an HTTP request with a JSON body to a URL and returns what it answered, so that a stage can be a program in \
    any language. The stage's `timeout` bounds the whole exchange.
    """
  public static let guarantees = [
    "Every attempt of a job sends the same `Idempotency-Key`, the job's id, by which the other side can see that it "
      + "has done the work already; `Millrace-Job-Id` and `Millrace-Attempt` tell which it is.",
    "Statuses 408, 425, 429 and from 500 up, timeouts, refused and lost connections and unknown hosts are tried again, "
      + "not before the time that a `Retry-After` asks for, a day at most.",
    "All other statuses that the stage does not expect, responses that are too large and URLs that are none are dead "
      + "letters at once. Redirects are not followed.",
    "The called service gets the job's trace in `traceparent` and `tracestate`, where there is one.",
    "With `callback`, every request has `Millrace-Callback-Url` and `Millrace-Callback-Token`. A response of 202 ends "
      + "the attempt, and the job waits in the store, over restarts, for a POST to that address with that token. It "
      + "brings `{\"output\": {…}}`, which becomes `body`, or `{\"failure\": {\"kind\", \"code\", \"message\"}}`. "
      + "Where none comes in time the attempt has failed as `callback_missed`, and the next one has a new token. Any "
      + "other response counts at once, as without the option.",
    "A response's body is never part of a failure.",
    "Only public addresses are called: loopback, link-local, private, multicast and metadata addresses are refused as "
      + "`address_not_allowed`, by the address that is connected to and not by its name, unless the server's "
      + "`MILLRACE_HTTP_ALLOW` names the URL's host: `host` or `host:port`, with commas between them.",
  ]
  public static let timeout = Duration.seconds(30)

  private let client: HTTPClient
  private let publicURL: @Sendable () -> String?

  /// The stage's timeout ends an attempt long before.
  private static let longest = Duration.seconds(86_400)

  /// Starts a client of its own, which reaches public addresses and `allowed` hosts. `publicURL` tells where services
  /// reach the API that takes callbacks, as `https://jobs.example`; nil while that is not known.
  /// - Throws: `other` if libcurl cannot be initialised.
  public init(
    allowing allowed: AllowedHosts = .none, publicURL: @escaping @Sendable () -> String? = { nil }
  ) throws(HTTPFailure) {
    self.publicURL = publicURL
    client = try HTTPClient(
      HTTPClientConfiguration { peer in allowed.contains(peer.target) || PublicAddress.admits(peer.address) })
  }

  public static func output(ofCallback answer: JSON) -> JSON { CallOutput.json(ofCallback: answer) }

  public func run(_ options: CallOptions, context: WorkerContext) async throws -> CallOutput {
    var request = Self.request(options, context)
    if let later = options.callback { try add(later, to: &request, context) }
    let output: CallOutput? = try await context.withSpan(SpanName.call, SpanName.call.name(request.method)) { span in
      Self.describe(options, in: span)
      let response = try await send(request, trace: span?.context.trace ?? context.trace)
      span?.set(.responseStatus, response.status)
      if options.callback != nil, response.status == CallOutput.laterStatus { return nil }
      guard options.expect.contains(response.status) else {
        throw Failure(answered: response, now: context.environment.time.now)
      }
      return try CallOutput(response)
    }
    // Not within the span, which would have failed by it.
    guard let output else { throw AwaitCallback(within: options.callback?.timeout ?? .zero) }
    return output
  }

  /// Tells the service where to answer later, and with what token.
  private func add(_ later: LaterAnswer, to request: inout HTTPRequest, _ context: WorkerContext) throws {
    // The host refuses to wait where no answer can arrive: before the service has worked in vain.
    guard let callback = context.callback else { throw AwaitCallback(within: later.timeout) }
    guard let base = publicURL() else {
      throw Failure(
        .transient, "callback_address_unknown",
        "Nobody has said where the called service reaches this server: millrace serve --public-url URL says so.")
    }
    request.headers["Millrace-Callback-Url"] = base + callback.path
    request.headers[Callback.tokenField] = callback.token
  }

  private func send(_ request: HTTPRequest, trace: TraceContext?) async throws -> HTTPResponse {
    var request = request
    request.headers["traceparent"] = trace?.traceParent
    request.headers["tracestate"] = trace?.state
    do throws(HTTPFailure) {
      return try await client.send(request)
    } catch {
      if error == .cancelled { throw CancellationError() }
      throw Failure(calling: request.url, error)
    }
  }

  /// Neither the URL's path nor its query, which may hold anything.
  private static func describe(_ options: CallOptions, in span: (any Tracing.Span)?) {
    guard let span, let target = try? HTTPTarget(url: options.url) else { return }
    span.set([.requestMethod: options.method.rawValue, .serverAddress: target.host])
    span.set(.serverPort, target.port)
  }

  private static func request(_ options: CallOptions, _ context: WorkerContext) -> HTTPRequest {
    var request = HTTPRequest(
      method: options.method.rawValue, url: options.url, timeout: longest, maximumResponseBytes: options.limit)
    if let body = options.body {
      request.body = body.bytes()
      request.headers["Content-Type"] = "application/json"
    }
    for (name, value) in options.headers.sorted(by: { $0.key < $1.key }) { request.headers[name] = value }
    request.headers["Idempotency-Key"] = context.idempotencyKey
    request.headers["Millrace-Job-Id"] = context.job.rawValue
    request.headers["Millrace-Attempt"] = String(context.attempt)
    return request
  }
}
