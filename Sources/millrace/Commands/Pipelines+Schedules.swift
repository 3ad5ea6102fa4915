import ArgumentParser
import WorkerKit

extension Pipelines {
  /// `pipelines schedules`.
  struct Schedules: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say when a server's pipelines begin by schedule.",
      discussion: """
        Lists each active pipeline whose trigger is a schedule, with its last and its next tick in UTC.

        Examples:
          millrace pipelines schedules
          millrace pipelines schedules --json | jq '.schedules[].next_tick'
        """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let answer = try await server.connect().get("/v1/schedules")
      output.show(answer) { Self.table($0) }
    }

    private static func table(_ answer: JSON) -> String {
      let schedules = answer.elements("schedules")
      guard !schedules.isEmpty else { return "No active pipeline has a schedule." }
      var table = Table("PIPELINE", "CRON", "ZONE", "LAST TICK", "NEXT TICK")
      for schedule in schedules {
        table.add(
          schedule.cell("pipeline"), schedule.cell("cron"), schedule.cell("time_zone"), schedule.cell("last_tick"),
          schedule["problem"] == nil ? schedule.cell("next_tick") : schedule.cell("problem"))
      }
      return table.text
    }
  }
}
