import ArgumentParser
import WorkerKit

extension Pipelines {
  /// `pipelines list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "List the pipelines that are active on a server, and what is wrong with its files.",
      discussion: """
        A pipeline is held when it was rolled back and its file has not changed since.

        Example:
          millrace pipelines list
        """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let answer = try await server.connect().get("/v1/pipelines")
      output.show(answer, describe: Self.describe)
    }

    private static func describe(_ answer: JSON) -> String {
      var table = Table("PIPELINE", "REVISION", "EVENT", "STAGES", "STATE")
      for pipeline in answer.elements("pipelines") {
        let isHeld = pipeline["held"] == true
        table.add(
          pipeline.cell("pipeline"), String(pipeline.cell("revision").prefix(12)), pipeline.cell("event"),
          String(pipeline.elements("stages").count),
          isHeld ? "held" : pipeline.elements("problems").isEmpty ? "active" : "active, file is bad")
      }
      let problems = answer.elements("problems").map { problem in
        "\(problem.cell("file")):\(problem.cell("line")):\(problem.cell("column")): "
          + "error \(problem.cell("number")): \(problem.cell("message"))"
      }
      let isEmpty = answer.elements("pipelines").isEmpty
      let head = isEmpty ? "No pipeline is active." : "activation \(answer.cell("activation"))\n\(table.text)"
      return ([head] + problems).joined(separator: "\n")
    }
  }

  /// `pipelines history`.
  struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List what was activated on a server, newest first.",
      discussion: """
        Example:
          millrace pipelines history --limit 10
        """)

    @Option(help: "How many activations at most, 1 to 1000.")
    var limit = 20
    @Option(help: "Only activations with smaller numbers: the next page.")
    var before: Int?
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let answer = try await server.connect().get(
        "/v1/pipelines/activations", query: [("limit", String(limit)), ("before", before.map { String($0) })])
      output.show(answer) { answer in
        var table = Table("NUMBER", "AT", "BY", "PIPELINES", "REASON")
        for activation in answer.elements("activations") {
          let restored = activation["restored"] == .null ? "" : "rollback to \(activation.cell("restored")): "
          table.add(
            activation.cell("number"), activation.cell("at"), activation.cell("by"),
            Self.pipelines(activation), restored + activation.cell("reason"))
        }
        return answer.elements("activations").isEmpty ? "Nothing was activated yet." : table.text
      }
    }

    private static func pipelines(_ activation: JSON) -> String {
      guard case .object(let members)? = activation["pipelines"], !members.isEmpty else { return "none" }
      return members.keys.sorted().map { name in
        "\(name)@\(activation["pipelines"]?.cell(name).prefix(8) ?? "")"
      }.joined(separator: " ")
    }
  }

  /// `pipelines rollback`.
  struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make the pipelines of an earlier activation the active ones again.",
      discussion: """
        It holds: each pipeline stays rolled back until its own file changes. Runs under way finish on the revision \
        that they began on. 'millrace pipelines history' has the numbers.

        Example:
          millrace pipelines rollback 7 --by ada --reason "thumbnails come out green"
        """)

    @Argument(help: "The number of the activation to go back to.")
    var number: Int
    @Option(help: "Why; kept with the activation.")
    var reason: String
    @Option(help: "Who asks; kept with the activation. Also USER.")
    var by: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      guard let by = by ?? EnvironmentVariable.user.value, !by.isEmpty, !reason.isEmpty else {
        throw CommandError.usage("say who asks with --by, and why with --reason")
      }
      let answer = try await server.connect().post(
        "/v1/pipelines/rollback",
        .object(["to": .integer(Int64(number)), "by": .string(by), "reason": .string(reason)]))
      output.show(answer) { answer in
        let what = answer["changed"] == true ? "is in force" : "was in force already"
        let pipelines = answer.elements("pipelines").map { pipeline in
          "  \(pipeline.cell("pipeline")) \(pipeline.cell("revision").prefix(12))"
        }
        return (["activation \(answer.cell("activation")) \(what): the pipelines of \(number)"] + pipelines)
          .joined(separator: "\n")
      }
    }
  }
}
