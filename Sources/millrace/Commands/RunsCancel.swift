import ArgumentParser

extension Runs {
  /// `runs cancel`.
  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End runs that nobody wants any more: their live jobs, and all that would have followed.",
      discussion: """
        Jobs that are at work are told at their hosts' next renewal, within a third of their leases.

        Example:
          millrace runs cancel 01KAM0Z9W3K1S8X6D9J5R2T4V7 \\
            --by ada --reason "uploaded by mistake"
        """)

    @Argument(help: "The runs' ids.")
    var ids: [String]
    @OptionGroup var blame: BlameOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func validate() throws { try blame.check(isPreview: false) }

    func run() async throws { try await CancelById("runs", ids, blame).run(on: server.connect(), output) }
  }
}
