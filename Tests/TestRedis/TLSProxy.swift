import Foundation
import TestProcesses

/// A stunnel that speaks TLS to a server for clients that do not, as docs/redis.md describes it. It ends when this is
/// let go, and with the process that started it.
public final class TLSProxy: Sendable {
  /// Where clients connect to.
  public let port: Int
  private let program: RunningProgram

  /// Why it could not be started.
  public struct StartError: Error, CustomStringConvertible {
    public let description: String
  }

  /// Starts one before `server`, whose certificate must come from `authority` and be of `host`.
  public static func start(before server: Int, authority: String, host: String) async throws -> TLSProxy {
    let port = try LoopbackPort.unused()
    let folder = FileManager.default.temporaryDirectory.appending(path: "stunnel-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: "stunnel.conf").path
    try configuration(port: port, server: server, authority: authority, host: host)
      .write(toFile: file, atomically: true, encoding: .utf8)
    let program = try RunningProgram(Program("/bin/sh", ["-c", script, "sh", file, folder.path]))
    var said = ""
    while !said.contains("Configuration successful") {
      guard let line = try? await program.line() else { throw StartError(description: String(said.suffix(500))) }
      if line == "missing" { throw StartError(description: "stunnel is missing; run scripts/packages.sh.") }
      said += line + "\n"
    }
    return TLSProxy(port: port, program: program)
  }

  private init(port: Int, program: RunningProgram) { (self.port, self.program) = (port, program) }

  /// The lines of docs/redis.md.
  private static func configuration(port: Int, server: Int, authority: String, host: String) -> String {
    """
    foreground = yes
    pid =
    [redis]
    client = yes
    accept = 127.0.0.1:\(port)
    connect = 127.0.0.1:\(server)
    CAfile = \(authority)
    verifyChain = yes
    checkHost = \(host)

    """
  }

  /// What it leaves behind ends it when its standard input closes, which it does when this process is gone.
  private static let script = """
    command -v stunnel >/dev/null || { echo missing; exit; }
    file=$1 folder=$2 own=$$
    exec 3<&0
    (
      cat <&3
      grep -qaF "$file" /proc/$own/cmdline && kill -9 $own
      rm -rf "$folder"
    ) >/dev/null 2>&1 &
    exec stunnel "$file" </dev/null 3<&- 2>&1
    """
}
