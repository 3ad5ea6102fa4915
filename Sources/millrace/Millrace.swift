import ArgumentParser

/// The command.
struct Millrace: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "millrace",
    abstract: "Background work for an application's backend: events in, pipelines of jobs out.",
    discussion: """
      Examples:
        millrace serve --data ./data --pipelines ./pipelines
        millrace worker --data ./data --queues media,default
        millrace emit --type DocumentSaved --tenant acme --payload @save.json
        millrace jobs list --state running
        millrace dead list

      Commands that talk to a server find it at --server, or at MILLRACE_URL, or at \(ServerOptions.standardURL). \
      A server's token comes from MILLRACE_TOKEN.

      Every command that reads has --json. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 cannot reach a server.
      """,
    version: Version.text,
    subcommands: [
      Serve.self, DispatcherCommand.self, WorkerCommand.self, WorkerHostProcess.self, ChildWorker.self, Emit.self,
      Events.self, Intake.self, Runs.self, Jobs.self, Dead.self, Queues.self, PauseCommand.self, ResumeCommand.self,
      DrainCommand.self, PausesCommand.self, Migrate.self, Pipelines.self, Revisions.self, Telemetry.self,
      Workers.self,
    ])
}

/// What this program is.
enum Version {
  /// The version as `--version` tells it.
  static let text = "millrace \(number)"
  /// The version alone.
  static let number = "0.1.0"
}
