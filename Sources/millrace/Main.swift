import ArgumentParser
import Glibc

/// Runs the command and ends with its exit code.
@main
enum Main {
  static func main() async {
    let reason = await run(Array(CommandLine.arguments.dropFirst()))
    fflush(nil)
    // No library's exit handler runs beside threads that are about to end: OpenSSL's frees what they free themselves.
    _exit(reason.rawValue)
  }

  /// Runs one command line.
  static func run(_ arguments: [String]) async -> ExitReason {
    if let complaint = UnknownCommand.complaint(about: arguments) {
      Console.complain(complaint)
      return .wrongUsage
    }
    do {
      var command = try Millrace.parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return .done
    } catch let error as CommandError {
      Console.complain(error.message)
      return error.reason
    } catch {
      return tell(error)
    }
  }

  /// Prints what the parser has to say: help and version go to standard output, everything else is a complaint.
  private static func tell(_ error: any Error) -> ExitReason {
    let text = Millrace.fullMessage(for: error)
    switch Millrace.exitCode(for: error) {
    case .success:
      Console.write(text)
      return .done
    case .validationFailure:
      Console.complain(text)
      return .wrongUsage
    default:
      Console.complain(text)
      return .failed
    }
  }
}
