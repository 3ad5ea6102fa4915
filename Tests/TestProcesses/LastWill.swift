import Foundation

/// A shell script that runs when this is let go, or when this process has ended, however it ends.
public final class LastWill: Sendable {
  private let lifeline = Pipe()

  /// Starts the shell that waits for the end.
  public init(_ script: String) throws {
    let shell = Program("/bin/sh", ["-c", "trap '' INT TERM HUP; cat >/dev/null; \(script)"])
    _ = try shell.start(Promise<Int32>()) { [lifeline] process in
      process.standardInput = lifeline
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
    }
  }
}
