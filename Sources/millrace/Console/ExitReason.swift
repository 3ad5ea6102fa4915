/// How a command ends; the numbers are part of the contract with scripts.
enum ExitReason: Int32 {
  case done = 0
  case failed = 1
  case wrongUsage = 2
  case unreachable = 3
}

/// Why a command ends without having done what it was asked for.
struct CommandError: Error {
  let reason: ExitReason
  /// For standard error; empty where everything was said already.
  let message: String
  /// The code of the problem that a server answered with; nil where it was another thing.
  var problem: String?

  /// The command tried, and failed.
  static func failed(_ message: String) -> CommandError { CommandError(reason: .failed, message: message) }
  /// The command was called in a way that makes no sense.
  static func usage(_ message: String) -> CommandError { CommandError(reason: .wrongUsage, message: message) }
}
