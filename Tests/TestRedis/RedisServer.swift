import Foundation
import TestProcesses

/// A real Redis server for tests: on a free loopback port and a socket, without persistence, in a folder of its own.
///
/// It ends, and takes its folder away, when this is let go, and with the process that started it, however that ends.
public final class RedisServer: Sendable {
  public let port: Int
  /// Where its socket and its files are.
  public let folder: String
  private let program: RunningProgram
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
    try await start(settings, replacing: predecessor, configuration: nil)
  }

  /// The same, with a file of settings for what can be said in no other way; `ready` is what the server says then.
  static func start(
    _ settings: [String], replacing predecessor: RedisServer? = nil, configuration: String?,
    ready: String = "eady to accept connections at"
  ) async throws -> RedisServer {
    var lastError = StartError(description: "No port was tried.")
    for _ in 0..<50 {
      do {
        let port = try predecessor?.port ?? LoopbackPort.unused()
        let folder = predecessor?.folder ?? NSTemporaryDirectory() + "redis-" + String(UUID().uuidString.prefix(8))
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let file = configuration == nil ? "" : folder + "/server.conf"
        try configuration?.write(toFile: file, atomically: true, encoding: .utf8)
        let program = try launch([file] + settings, port: port, folder: folder, isFirst: predecessor == nil)
        try await Self.ready(program, saying: ready)
        return RedisServer(port: port, folder: folder, program: program, predecessor: predecessor)
      } catch let error as StartError {
        // Somebody else may have taken the port meanwhile, and a predecessor takes a moment to die.
        lastError = error
      }
    }
    throw lastError
  }

  deinit { if predecessor == nil { try? FileManager.default.removeItem(atPath: folder) } }

  /// Its URL over TCP.
  public var url: String { "redis://127.0.0.1:\(port)" }
  /// The path of its socket.
  public var socket: String { folder + "/redis.sock" }

  /// Ends the server at once, as a crash would.
  public func kill() { program.signal(SIGKILL) }

  /// Stops the server's process where it stands: connections stay, and nothing is answered.
  public func freeze() { program.signal(SIGSTOP) }

  /// Lets it go on.
  public func thaw() { program.signal(SIGCONT) }

  /// Sends one command with redis-cli; gives what it printed.
  @discardableResult
  public func command(_ arguments: String...) async throws -> String { try await command(arguments) }

  /// The same, with a list of words.
  @discardableResult
  public func command(_ arguments: [String]) async throws -> String {
    let result = try await Program("redis-cli", ["-s", socket] + arguments).run()
    return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private init(port: Int, folder: String, program: RunningProgram, predecessor: RedisServer?) {
    (self.port, self.folder, self.program, self.predecessor) = (port, folder, program, predecessor)
  }

  /// The shell becomes the server. What it leaves behind ends that when its standard input closes, which it does when
  /// this process is gone; not by its number alone, which may be another's by then.
  private static let script = """
    command -v redis-server >/dev/null || { echo missing; exit; }
    port=$1 folder=$2 own=$3 file=$4 server=$$; shift 4
    exec 3<&0
    (
      cat <&3
      grep -qa "redis-server 127.0.0.1:$port" /proc/$server/cmdline && kill -9 $server
      [ "$own" = no ] || rm -rf "$folder"
    ) >/dev/null 2>&1 &
    exec redis-server ${file:+"$file"} --port "$port" --bind 127.0.0.1 --dir "$folder" "$@" </dev/null 3<&- 2>&1
    """

  /// `settings` begin with the name of a file, which may be empty.
  private static func launch(_ settings: [String], port: Int, folder: String, isFirst: Bool) throws -> RunningProgram {
    let arguments =
      ["-c", script, "sh", "\(port)", folder, isFirst ? "yes" : "no", settings[0]]
      + ["--unixsocket", folder + "/redis.sock"]
      + ["--save", "", "--daemonize", "no", "--enable-debug-command", "yes"] + settings.dropFirst()
    return try RunningProgram(Program("/bin/sh", arguments))
  }

  /// Returns when the server says that it takes connections.
  private static func ready(_ program: RunningProgram, saying words: String) async throws {
    var said = ""
    while !said.contains(words) {
      guard let line = try? await program.line() else { throw StartError(description: String(said.suffix(500))) }
      if line == "missing" { throw StartError(description: "redis-server is missing; run scripts/packages.sh.") }
      said += line + "\n"
    }
  }
}
