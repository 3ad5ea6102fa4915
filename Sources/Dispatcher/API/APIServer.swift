import Glibc
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
public import WorkerKit

/// Where a server listens, once it does.
public struct ListeningAddress: Sendable, Hashable, CustomStringConvertible {
  public let host: String
  public let port: Int

  /// The address as a URL: `http://127.0.0.1:7380`.
  public var description: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

/// The HTTP API.
public struct APIServer: Sendable {
  private let options: APIOptions
  private let services: APIServices
  private let routes: [APIRoute]

  /// How long requests under way may go on after the server was told to stop.
  static let grace = Duration.seconds(10)
  /// How long a connection without a request stays open.
  static let idleTime = TimeAmount.seconds(75)

  /// Prepares a server; `run` starts it. Where an extension has a route that the API has already, the API's stands.
  public init(options: APIOptions, services: APIServices, extensions: [any APIExtension] = []) {
    self.options = options
    self.services = services
    routes = StandardRoutes.all(services) + extensions.flatMap(\.routes)
  }

  /// Serves until `stop` is raised, and then takes no more requests and lets those under way end. Cancelling the task
  /// breaks them off.
  /// - Throws: A `ListenError` when the address cannot be listened on.
  public func run(until stop: Signal, onListening: @escaping @Sendable (ListeningAddress) -> Void) async throws {
    let group = serviceGroup(onListening: onListening)
    do {
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        tasks.addTask {
          await stop.wait(after: 0)
          if !Task.isCancelled { await group.triggerGracefulShutdown() }
        }
        while try await tasks.next() != nil {
          if stop.count == 0 { break }
        }
        tasks.cancelAll()
      }
    } catch let error as IOError {
      throw refusal(Self.reason(error))
    } catch is SocketAddressError {
      throw refusal("the host's name has no address")
    }
  }

  private func refusal(_ reason: String) -> ListenError {
    .refused(host: options.host, port: options.port, reason: reason)
  }

  private static func reason(_ error: IOError) -> String {
    switch error.errnoCode {
    case EADDRINUSE: "another program listens there"
    case EADDRNOTAVAIL: "this machine does not have that address"
    case EACCES: "the system does not allow that port to this user"
    default: "the system refuses (errno \(error.errnoCode))"
    }
  }

  private func serviceGroup(onListening: @escaping @Sendable (ListeningAddress) -> Void) -> ServiceGroup {
    var quiet = services.log
    quiet.logLevel = max(quiet.logLevel, .warning)
    let responder = APIResponder(
      routes: routes, token: options.token, time: services.environment.time, metrics: services.metrics,
      log: services.log, tracer: services.tracer)
    let host = options.host
    let application = Application(
      responder: responder, server: .http1(configuration: .init(idleTimeout: Self.idleTime)),
      configuration: .init(address: .hostname(host, port: options.port)),
      onServerRunning: { channel in
        onListening(ListeningAddress(host: host, port: channel.localAddress?.port ?? 0))
      }, logger: quiet)
    var configuration = ServiceGroupConfiguration(services: [application], logger: quiet)
    configuration.maximumGracefulShutdownDuration = Self.grace
    return ServiceGroup(configuration: configuration)
  }
}
