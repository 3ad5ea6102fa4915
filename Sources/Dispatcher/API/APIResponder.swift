import Hummingbird
import Logging
import NIOCore
import Tracing
import WorkerKit

/// Finds the route for a request, lets it answer, and turns every error into a problem.
struct APIResponder: HTTPResponder {
  typealias Context = BasicRequestContext

  let routes: [APIRoute]
  let token: AccessToken?
  let time: any TimeSource
  let metrics: Metrics
  let log: Logger
  let tracer: (any Tracer)?

  /// The one route that needs no secret, so that a supervisor can see that the process lives.
  static let open = "/health/live"

  func respond(to request: Request, context: Context) async throws -> Response {
    let start = time.monotonic
    let route = match(request)
    let trace = RequestTrace(request, route: route.route, tracer: tracer, time: time)
    let answer: APIResponse
    do {
      answer = try await trace.within { try await self.answer(request, by: route) }
    } catch let error as BrokenBody {
      trace.end(status: nil)
      throw error.cause
    } catch {
      answer = APIResponse(problem(for: error, log.with(trace: trace.place)))
    }
    trace.end(status: answer.status)
    note(request, route: route, status: answer.status, after: time.monotonic - start, trace.place)
    return Self.response(answer, withBody: request.method != .head)
  }

  /// How a request's path fits the routes.
  private enum Match {
    case route(APIRoute, [String: String])
    case wrongMethod(allowed: [String])
    case none

    var route: APIRoute? { if case .route(let route, _) = self { route } else { nil } }
  }

  private func match(_ request: Request) -> Match {
    let path = request.uri.path.split(separator: "/")
    let there = routes.filter { $0.matches(path) }
    let method = request.method == .head ? "GET" : request.method.rawValue
    if let route = there.first(where: { $0.method == method }) {
      var parameters: [String: String] = [:]
      for (name, value) in zip(route.pattern.split(separator: "/"), path) where name.hasPrefix("{") {
        guard let decoded = PercentCoding.decode(value), !decoded.utf8.contains(0) else { return .none }
        parameters[String(name.dropFirst().dropLast())] = decoded
      }
      return .route(route, parameters)
    }
    return there.isEmpty ? .none : .wrongMethod(allowed: Self.methods(of: there))
  }

  private static func methods(of routes: [APIRoute]) -> [String] {
    let methods = Set(routes.map(\.method))
    return (methods.contains("GET") ? methods.union(["HEAD"]) : methods).sorted()
  }

  private func answer(_ request: Request, by match: Match) async throws -> APIResponse {
    if request.uri.path != Self.open, match.route?.isOpen != true { try authorise(request) }
    switch match {
    case .none: throw Problem.noRoute
    case .wrongMethod(let allowed): throw Problem.wrongMethod(allowed: allowed)
    case .route(let route, let parameters):
      let query = try QueryReader.read(request.uri.query, known: route.query)
      return try await route.handler(APIRequest(request, parameters: parameters, query: query))
    }
  }

  private func authorise(_ request: Request) throws(Problem) {
    guard let token, !token.admits(request.headers[.authorization]) else { return }
    var problem = Problem(401, "unauthorized", "Send the server's token as Authorization: Bearer TOKEN.")
    problem.headers[.authenticate] = "Bearer"
    throw problem
  }

  private func problem(for error: any Error, _ log: Logger) -> Problem {
    switch error {
    case let problem as Problem: return problem
    case let error as DriverError:
      log.log(.warning, "A request could not be answered.", error.logFields)
      return Problem(error)
    case is CancellationError:
      return Problem(503, "shutting_down", "The server is shutting down; try again.")
    default:
      // An error's text may hold what a client sent; its type never does.
      log.log(.error, "A request failed in an unforeseen way.", [.errorCode: String(describing: type(of: error))])
      return .unforeseen
    }
  }

  private func note(
    _ request: Request, route: Match, status: Int, after length: Duration, _ trace: TraceContext?
  ) {
    let label = route.route.map { "\($0.method) \($0.pattern)" } ?? "none"
    metrics.observe(length, in: MetricName.requestTime, label, String(status))
    guard log.logLevel <= .debug else { return }
    log.with(trace: trace).log(
      .debug, "A request was answered.",
      [
        .method: String(request.method.rawValue.prefix(20)), .path: label, .status: String(status),
        .durationMilliseconds: String(length.milliseconds),
      ])
  }

  private static func response(_ answer: APIResponse, withBody: Bool) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = answer.contentType
    headers[.contentLength] = String(answer.body.count)
    headers[.cacheControl] = "no-store"
    for (header, value) in answer.headers { header.set(value, in: &headers) }
    let body = withBody ? ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)) : ResponseBody()
    return Response(status: .init(code: answer.status), headers: headers, body: body)
  }
}
