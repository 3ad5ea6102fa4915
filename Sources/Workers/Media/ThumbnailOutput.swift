import ImagingProtocol
public import WorkerKit

/// What `${thumbnails.…}` refers to.
public struct ThumbnailOutput: WorkerOutput {
  let source: SourcePicture
  let files: [(rendered: RenderedFile, artifact: Artifact)]

  public static let fields = [
    OutputField("source", "The picture: format, width and height as displayed, pages."),
    OutputField(
      "files", "The thumbnails, widest first: key, width, height, frames, bytes, and the widths each one serves."),
  ]

  public var artifacts: [Artifact] { files.map(\.artifact) }

  public var json: JSON {
    let source: JSON = .object([
      "format": .string(source.format.rawValue), "width": .integer(Int64(source.width)),
      "height": .integer(Int64(source.height)), "pages": .integer(Int64(source.pages)),
    ])
    let files = files.map { file, artifact in
      JSON.object([
        "key": .string(artifact.key), "width": .integer(Int64(file.width)), "height": .integer(Int64(file.height)),
        "frames": .integer(Int64(file.frames)),
        "bytes": .integer(Int64(artifact.bytes)),
        "serves": .array(file.requested.map { .integer(Int64($0)) }),
      ])
    }
    return .object(["source": source, "files": .array(files)])
  }
}
