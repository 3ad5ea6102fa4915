import ArgumentParser
import WorkerKit

/// A command line that names a command which there is not.
enum UnknownCommand {
  /// What to say about it; nil where every command that it names is one.
  static func complaint(about arguments: [String]) -> String? {
    var command: any ParsableCommand.Type = Millrace.self
    var path = name(of: command)
    for argument in arguments.first == "help" ? arguments.dropFirst() : arguments[...] {
      let known = command.configuration.subcommands
      guard !known.isEmpty, !argument.hasPrefix("-") else { return nil }
      guard let next = known.first(where: { name(of: $0) == argument }) else {
        let names = known.filter { $0.configuration.shouldDisplay }.map { name(of: $0) }
        return text(path, argument, names)
      }
      (command, path) = (next, "\(path) \(argument)")
    }
    return nil
  }

  private static func text(_ path: String, _ argument: String, _ names: [String]) -> String {
    let meant = Spelling.suggestion(for: argument, among: names).map { "did you mean '\(path) \($0)'?" }
    return """
      Error: there is no command '\(path) \(argument)'; \(meant ?? "there are \(names.joined(separator: ", "))")
      See '\(path) --help'.
      """
  }

  private static func name(of command: any ParsableCommand.Type) -> String { command._commandName }
}
