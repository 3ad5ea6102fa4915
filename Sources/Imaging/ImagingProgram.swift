internal import Glibc
internal import ImagingProtocol
internal import ProcessChild

/// The picture program: the only one that links libvips.
@main
enum ImagingProgram {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.contains("--help") { return print(help) }
    do {
      let limits = try ChildLimits(arguments: arguments)
      if arguments.contains("--version") { return print("millrace-imaging, libvips \(Vips.version)") }
      guard limits.parentProcess != nil else { leave(2, "millrace-imaging is started by millrace; see --help\n") }
      try limits.apply()
      try Vips.start()
      try ChildLoop().run(answer)
    } catch {
      leave(1, "millrace-imaging ends: \(error)\n")
    }
  }

  private static func answer(_ request: [UInt8]) -> [UInt8] {
    let answer: ImagingAnswer
    do throws(ImagingFailure) {
      answer = .report(try perform(request))
    } catch {
      answer = .failure(error)
    }
    // An answer of texts and whole numbers always encodes; an empty one makes the parent say that it does not.
    return (try? ImagingWire.encode(answer)) ?? []
  }

  private static func perform(_ bytes: [UInt8]) throws(ImagingFailure) -> PictureReport {
    guard let request = try? ImagingWire.request(bytes) else { throw ImagingFailure(.badRequest) }
    switch request {
    case .render(let request): return try Rendering(request).run()
    case .probe(let request): return try Probing(request).run()
    }
  }

  private static func leave(_ status: Int32, _ text: String) -> Never {
    _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(status)
  }

  private static let help = """
    millrace-imaging makes thumbnails of pictures that strangers have uploaded.

    It is started by millrace, never by hand: millrace runs it as a child process with limits on memory and time, so
    that a picture that crashes it takes nothing else down. It alone links libvips. It reads requests as frames (four
    bytes of length, then JSON) on standard input and answers on standard output. It opens JPEG, PNG, WebP and GIF
    only; it writes WebP, JPEG and PNG, and AVIF where libvips has an AV1 encoder.

      --help     show this text
      --version  show which libvips it was started with
    """
}
