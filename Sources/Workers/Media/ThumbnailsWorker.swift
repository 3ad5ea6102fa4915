import ImagingProtocol
import ProcessDriver
public import WorkerKit

/// `media.thumbnails`: smaller pictures of one, made in a child program that alone links libvips.
public struct ThumbnailsWorker: Worker {
  public static let name: WorkerName = "media.thumbnails"
  public static let summary = """
    Makes thumbnails of a picture. It may be JPEG, PNG, WebP or GIF, told by its content and not by its name; all \
    widths come from one decoding, upright, in sRGB, without metadata, and never enlarged. What moves goes on moving \
    in WebP: at most 1,000 frames, and 50 million pixels in all of them.
    """
  public static let guarantees = [
    "Names of thumbnails hold their content's hash, so that running it again writes the same things.",
    "It works in a child program within limits: what is no picture, or a broken or hostile one, is a dead letter that "
      + "says why, and nothing else suffers.",
  ]
  public static let queue: QueueName = "media"
  public static let timeout = Duration.seconds(120)

  /// How long the child program may take for one picture.
  private static let pictureTime = Duration.seconds(60)

  private let objects: any ObjectStore
  private let program: ImagingProgram
  private let scratch: ScratchFolder

  /// Reads and writes `objects`, works in `program`, and keeps files for the time of an attempt in `scratch`.
  public init(objects: any ObjectStore, program: ImagingProgram, scratch: ScratchFolder) {
    self.objects = objects
    self.program = program
    self.scratch = scratch
  }

  public func run(_ options: ThumbnailOptions, context: WorkerContext) async throws -> ThumbnailOutput {
    let folder = try await scratch.make(
      named: "\(context.job)-\(context.authority.fence.rawValue)-\(context.environment.id())")
    let result: Result<ThumbnailOutput, any Error>
    do {
      result = .success(try await render(options, in: folder, context: context))
    } catch {
      result = .failure(error)
    }
    await scratch.remove(folder)
    return try result.get()
  }

  private func render(_ options: ThumbnailOptions, in folder: String, context: WorkerContext) async throws
    -> ThumbnailOutput
  {
    let input = "\(folder)/input"
    try await objects.fetch(options.object, of: context.tenant, to: input)
    let report = try await program.render(
      RenderRequest(
        input: input, outputFolder: folder, widths: options.widths, format: options.format.output,
        quality: options.quality, animation: options.animation, crop: options.crop),
      deadline: Self.pictureTime)
    var files: [(RenderedFile, Artifact)] = []
    for file in report.files {
      let artifact = try await objects.keep(
        file: "\(folder)/\(file.path)", in: "thumbnails", suffix: "-\(file.width)\(options.format.suffix)",
        contentType: options.format.contentType, of: context.tenant)
      files.append((file, artifact))
    }
    return ThumbnailOutput(source: report.source, files: files)
  }
}
