import CompressionDriver
import Crypto
public import WorkerKit

/// `autosave.persist`: turns a save into a revision.
public struct PersistWorker: Worker {
  public static let name: WorkerName = "autosave.persist"
  public static let summary = "Keeps the content of a save as a revision of its document, compressed."
  public static let guarantees = [
    "Each content is kept once. The same content twice in a row makes no second revision, and neither does the same "
      + "save delivered twice.",
    "The newest revision is the one with the greatest number, whatever the order in which saves arrive.",
    "Another content under a number that is taken is a dead letter, `revision_conflict`.",
  ]
  public static let queue: QueueName = "autosave"
  public static let timeout = Duration.seconds(30)

  private let shelf: any RevisionShelf

  /// Keeps revisions on `shelf`.
  public init(shelf: any RevisionShelf) { self.shelf = shelf }

  /// What a stage says in `with`.
  public struct Options: WorkerOptions {
    static let document = OptionField<String>(
      "document", "The document's id.", example: "doc-1", check: { $0.isEmpty ? "must not be empty" : nil })
    static let revision = OptionField<Int>(
      "revision", "The revision's number, from the editor; the greatest is the newest.", example: 7,
      check: { $0 < 0 ? "must not be negative" : nil })
    static let content = OptionField<JSON>(
      "content", "The document's content: a text, kept as it is, or any JSON value, kept as compact JSON.",
      example: "Once upon a time")
    public static let fields = [document.description, revision.description, content.description]

    let document: String
    let revision: Int
    let content: JSON

    public init(_ reader: OptionReader) throws(OptionProblem) {
      document = try reader.value(Self.document)
      revision = try reader.value(Self.revision)
      content = try reader.value(Self.content)
    }
  }

  /// What `${persist.…}` refers to.
  public struct Output: WorkerOutput {
    let document: String
    let revision: Int
    let receipt: SaveReceipt
    let contentHash: String
    let bytes: Int
    let storedBytes: Int

    public static let fields = [
      OutputField("document", "The document's id."),
      OutputField("revision", "The number of the revision that was saved."),
      OutputField("head", "The greatest revision number that the document has seen."),
      OutputField("stored", "False where the content was the same as beside it, and no revision was made."),
      OutputField("content_hash", "The content's SHA-256."),
      OutputField("bytes", "The content's length."),
      OutputField("stored_bytes", "The content's length, compressed."),
    ]

    public var json: JSON {
      .object([
        "document": .string(document), "revision": .integer(Int64(revision)), "head": .integer(Int64(receipt.head)),
        "stored": .bool(receipt.isStored), "content_hash": .string(contentHash), "bytes": .integer(Int64(bytes)),
        "stored_bytes": .integer(Int64(storedBytes)),
      ])
    }
  }

  public func run(_ options: Options, context: WorkerContext) async throws -> Output {
    let content: [UInt8]
    if case .string(let text) = options.content {
      content = Array(text.utf8)
    } else {
      content = options.content.bytes()
    }
    let save = Save(
      tenant: context.tenant, document: options.document, revision: options.revision,
      contentHash: SHA256.hash(data: content).hexadecimal, bytes: content.count,
      compressed: try Self.compressed(content))
    let receipt = try await shelf.keep(save, by: context.authority, at: context.environment.time.now)
    return Output(
      document: options.document, revision: options.revision, receipt: receipt, contentHash: save.contentHash,
      bytes: save.bytes, storedBytes: save.compressed.count)
  }

  private static func compressed(_ content: [UInt8]) throws(Failure) -> [UInt8] {
    do throws(CompressionError) {
      return try Zstandard.compress(content)
    } catch {
      throw Failure(.transient, "compression_failed", "The content could not be compressed.")
    }
  }
}
