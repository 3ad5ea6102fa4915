import Foundation
import Glibc

/// A real Redis server for tests: on a free loopback port and a socket, without persistence, in a folder of its own.
///
/// It ends, and takes its folder away, when this is let go, and with the process that started it, however that ends.
public final class RedisServer: Sendable {
  public let port: Int
  /// Where its socket and its files are.
  public let folder: String
  /// The server's process.
  public let process: Int32
  private let lifeline: Pipe
  /// Whose port and folder it has: they are kept as long as this.
  private let predecessor: RedisServer?

  /// Why no server could be started.
  public struct StartError: Error, CustomStringConvertible {
    public let description: String
  }

  /// One server for all tests of a run; each takes a prefix of its own. Nothing may disturb it.
  public static func shared() async throws -> RedisServer { try await running.value }

  private static let running = Task { try await RedisServer.start() }

  /// Starts a server and returns when it takes connections. `settings` are those of redis.conf, after two hyphens. One
  /// that takes the place of another, which was killed, has its port and its folder.
  public static func start(
    _ settings: [String] = [], replacing predecessor: RedisServer? = nil
  ) async throws -> RedisServer {
    var lastError = StartError(description: "No port was tried.")
    for _ in 0..<50 {
      do {
        let port = try predecessor?.port ?? freePort()
        let folder = predecessor?.folder ?? NSTemporaryDirectory() + "redis-" + String(UUID().uuidString.prefix(8))
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return try await launch(settings, port: port, folder: folder, predecessor: predecessor)
      } catch let error as StartError {
        // Somebody else may have taken the port meanwhile, and a predecessor takes a moment to die.
        lastError = error
      }
    }
    throw lastError
  }

  deinit { try? lifeline.fileHandleForWriting.close() }

  /// Its URL over TCP.
  public var url: String { "redis://127.0.0.1:\(port)" }
  /// The path of its socket.
  public var socket: String { folder + "/redis.sock" }

  /// Ends the server at once, as a crash would.
  public func kill() { _ = Glibc.kill(process, SIGKILL) }

  /// Stops the server's process where it stands: connections stay, and nothing is answered.
  public func freeze() { _ = Glibc.kill(process, SIGSTOP) }

  /// Lets it go on.
  public func thaw() { _ = Glibc.kill(process, SIGCONT) }

  /// Sends one command with redis-cli; gives what it printed.
  @discardableResult
  public func command(_ arguments: String...) async throws -> String { try await command(arguments) }

  /// The same, with a list of words.
  @discardableResult
  public func command(_ arguments: [String]) async throws -> String {
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["redis-cli", "-s", socket] + arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    return try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { _ in
        let data = output.fileHandleForReading.readDataToEndOfFile()
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        continuation.resume(returning: text)
      }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
  }

  private init(port: Int, folder: String, process: Int32, lifeline: Pipe, predecessor: RedisServer?) {
    (self.port, self.folder, self.process, self.lifeline) = (port, folder, process, lifeline)
    self.predecessor = predecessor
  }

  /// The shell becomes the server. What it leaves behind ends that when its standard input closes, which it does when
  /// this process is gone; not by its number alone, which may be another's by then.
  private static let script = """
    command -v redis-server >/dev/null || { echo missing; exit; }
    port=$1 folder=$2 own=$3 server=$$; shift 3
    exec 3<&0
    (
      cat <&3
      grep -qa "redis-server 127.0.0.1:$port" /proc/$server/cmdline && kill -9 $server
      [ "$own" = no ] || rm -rf "$folder"
    ) >/dev/null 2>&1 &
    exec redis-server --port "$port" --bind 127.0.0.1 --dir "$folder" "$@" </dev/null 3<&- 2>&1
    """

  private static func launch(
    _ settings: [String], port: Int, folder: String, predecessor: RedisServer?
  ) async throws -> RedisServer {
    let (process, lifeline, output) = (Process(), Pipe(), Pipe())
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments =
      ["-c", script, "sh", "\(port)", folder, predecessor == nil ? "yes" : "no"]
      + ["--unixsocket", folder + "/redis.sock"]
      + ["--save", "", "--daemonize", "no", "--enable-debug-command", "yes"] + settings
    process.standardInput = lifeline
    process.standardOutput = output
    try process.run()
    try await ready(output.fileHandleForReading)
    return RedisServer(
      port: port, folder: folder, process: process.processIdentifier, lifeline: lifeline, predecessor: predecessor)
  }

  /// Reads what the server says, on a thread of its own, to the end; returns when it takes connections.
  private static func ready(_ output: FileHandle) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      Thread {
        var (text, isAnswered) = ("", false)
        while true {
          let data = output.availableData
          if data.isEmpty { break }
          if isAnswered { continue }
          text += String(decoding: data, as: UTF8.self)
          guard text.contains("eady to accept connections at") else { continue }
          isAnswered = true
          continuation.resume()
        }
        if !isAnswered {
          let isMissing = text.hasPrefix("missing")
          let advice = isMissing ? "redis-server is missing; run scripts/packages.sh." : String(text.suffix(500))
          continuation.resume(throwing: StartError(description: advice))
        }
      }.start()
    }
  }

  private static func freePort() throws -> Int {
    let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
      }
    }
    guard result == 0 else { throw StartError(description: "No port is free.") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
