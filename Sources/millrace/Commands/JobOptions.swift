import ArgumentParser

/// Whose jobs a command is about, and of which stages.
struct JobOptions: ParsableArguments {
  @Option(help: "Only jobs of this tenant.")
  var tenant: String?
  @Option(help: "Only jobs of this pipeline.")
  var pipeline: String?
  @Option(help: "Only jobs of this stage.")
  var stage: String?

  /// The members of a query, or of a request's body.
  var query: [(String, String?)] { [("tenant_id", tenant), ("pipeline", pipeline), ("stage", stage)] }
}
