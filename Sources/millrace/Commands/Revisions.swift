import ArgumentParser
import FoundationEssentials
import Glibc
import WorkerKit

/// What autosave has kept.
struct Revisions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revisions", abstract: "Look at the history of a document, and read it back.",
    discussion: """
      Examples:
        millrace revisions list --tenant acme --document doc-7
        millrace revisions show 12 --tenant acme --document doc-7 --output doc-7.txt
      """, subcommands: [List.self, Show.self])

  /// `revisions list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the revisions of a document, newest first.",
      discussion: """
        A save with the same content as the one before it makes no revision.

        Examples:
          millrace revisions list --tenant acme --document doc-7
          millrace revisions list --tenant acme --document doc-7 --before 12 --json
        """)

    @OptionGroup var document: DocumentOptions
    @Option(help: "How many revisions at most, 1 to 1000.")
    var limit = 50
    @Option(help: "Only revisions below this number: the next page.")
    var before: Int?
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func validate() throws {
      guard (1...1000).contains(limit) else { throw ValidationError("--limit is a whole number from 1 to 1000.") }
      guard before ?? 0 >= 0 else { throw ValidationError("--before is a whole number that is not negative.") }
    }

    func run() async throws {
      let answer = try await server.connect().get(
        document.path, query: document.query + [("limit", String(limit)), ("before", before.map(String.init))])
      output.show(answer) { Self.table($0, limit: limit) }
    }

    private static func table(_ answer: JSON, limit: Int) -> String {
      let revisions = answer.elements("revisions")
      var table = Table("REVISION", "SAVED AT", "BYTES", "ON DISK", "SHA-256")
      for revision in revisions {
        table.add(
          revision.cell("revision"), revision.cell("saved_at"), revision.cell("bytes"), revision.cell("stored_bytes"),
          String(revision.cell("content_hash").prefix(12)))
      }
      guard let last = revisions.last, revisions.count == limit else { return table.text }
      return table.text + "\nThere may be more: --before \(last.cell("revision"))"
    }
  }

  /// `revisions show`.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read a revision back, as it was saved.",
      discussion: """
        The content goes to standard output byte for byte, or into a file. With --json it is a text beside its number.

        Examples:
          millrace revisions show --tenant acme --document doc-7
          millrace revisions show 12 --tenant acme --document doc-7 --output doc-7.txt
        """)

    @Argument(help: "The revision's number; the newest where none is given.")
    var revision: Int?
    @OptionGroup var document: DocumentOptions
    @Option(help: ArgumentHelp("Write the content into this file.", valueName: "file"))
    var output: String?
    @Flag(help: "Print number and content as JSON.")
    var json = false
    @OptionGroup var server: ServerOptions

    func validate() throws {
      if json, output != nil { throw ValidationError("--json prints, and --output writes a file: choose one.") }
    }

    func run() async throws {
      let connection = try server.connect()
      let number: String
      if let revision {
        number = String(revision)
      } else {
        let newest = try await connection.get(document.path, query: document.query + [("limit", "1")])
        number = newest.elements("revisions").first?.cell("revision") ?? "0"
      }
      let content = try await connection.bytes("\(document.path)/\(number)", query: document.query)
      if let output {
        do { try Data(content).write(to: URL(filePath: output), options: .atomic) } catch {
          throw CommandError.failed("cannot write \(output)")
        }
        Console.complain("revision \(number): \(content.count) bytes in \(output)")
      } else if json {
        Console.write(
          JSON.object([
            "document": .string(document.document), "tenant_id": .string(document.tenant),
            "revision": .integer(Int64(number) ?? 0), "bytes": .integer(Int64(content.count)),
            "content": .string(String(decoding: content, as: UTF8.self)),
          ]).prettyText())
      } else {
        Console.write(content, to: STDOUT_FILENO)
      }
    }
  }
}

/// Which document.
struct DocumentOptions: ParsableArguments {
  @Option(help: "Whose document it is.")
  var tenant: String
  @Option(help: "The document's id.")
  var document: String

  /// The address of its revisions.
  var path: String { "/v1/documents/\(ServerConnection.escaped(document))/revisions" }
  var query: [(String, String?)] { [("tenant_id", tenant)] }
}
