import Foundation
import ImagingProtocol
import ProcessChild
import ProcessDriver
import TestProcesses
import Testing

@Suite("The formats that are written", .timeLimit(.minutes(5)))
struct FormatTests {
  private func content(_ file: RenderedFile, in studio: Studio) throws -> Data {
    try Data(contentsOf: studio.folder.appending(path: file.path))
  }

  @Test("PNG loses nothing of the colours, keeps transparency and takes no metadata along")
  func writesPNG() async throws {
    try await Studio.open { studio async throws in
      var gif = SmallGIF(width: 300, height: 200)
      gif.add { x, _ in x < 150 ? 0 : 2 }
      let path = try studio.keep(gif.bytes, as: "exact.gif")
      for file in try await studio.render(path, widths: [300, 30], format: .png).files {
        #expect(try await studio.probe(file).source.format == .png)
        #expect(try await studio.colour(file, x: file.width / 8, y: 1) == [230, 40, 40])
        #expect(try await studio.colour(file, x: file.width * 7 / 8, y: 1) == [40, 60, 230])
      }
      let clear = try #require(
        try await studio.render(Studio.fixture("alpha.png"), widths: [200], format: .png).files.first)
      #expect(try await studio.colour(clear, x: 5, y: 75).last == 0)
      #expect(try await studio.colour(clear, x: 190, y: 75) == [20, 60, 210, 255])
      let turned = try await studio.render(Studio.fixture("oriented.jpg"), widths: [60], format: .png)
      let bytes = try content(try #require(turned.files.first), in: studio)
      for chunk in ["eXIf", "iCCP", "tEXt", "iTXt", "zTXt"] { #expect(bytes.range(of: Data(chunk.utf8)) == nil) }
    }
  }

  @Test(
    "AVIF is written upright, with the right colours, without metadata",
    .enabled(if: VipsCommand.isInstalled, VipsCommand.missing))
  func writesAVIF() async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture("oriented.jpg"), widths: [300, 60], format: .avif)
      #expect(report.files.map(\.width) == [300, 60])
      for file in report.files {
        let bytes = try content(file, in: studio)
        #expect(bytes[4..<12] == Data("ftypavif".utf8))
        #expect(bytes.range(of: Data("Exif".utf8)) == nil)
        let (right, bottom) = (file.width * 3 / 4, file.height * 3 / 4)
        let path = studio.folder.appending(path: file.path).path
        #expect(isNear(try await VipsCommand.colour(path, x: file.width / 4, y: file.height / 4), [220, 30, 30]))
        #expect(isNear(try await VipsCommand.colour(path, x: right, y: file.height / 4), [30, 180, 60]))
        #expect(isNear(try await VipsCommand.colour(path, x: right, y: bottom), [250, 250, 250]))
      }
      let clear = try await studio.render(Studio.fixture("alpha.png"), widths: [200], format: .avif)
      let path = studio.folder.appending(path: try #require(clear.files.first).path).path
      #expect(try await VipsCommand.colour(path, x: 5, y: 75).last == 0)
      #expect(isNear(try await VipsCommand.colour(path, x: 190, y: 75), [20, 60, 210, 255]))
    }
  }

  @Test("Less quality makes smaller files", arguments: [OutputFormat.webp, .jpeg, .avif])
  func takesQuality(format: OutputFormat) async throws {
    try await Studio.open { studio async throws in
      var sizes: [Int] = []
      for quality in [20, 90] {
        let request = RenderRequest(
          input: Studio.fixture("demo/dusk.jpg"), outputFolder: studio.folder.path, widths: [400], format: format,
          quality: quality)
        guard case .report(let report) = try await studio.ask(.render(request)) else { continue }
        sizes += report.files.map(\.bytes)
      }
      #expect(sizes.count == 2 && sizes[0] < sizes[1], "\(sizes)")
    }
  }

  @Test("Without an AV1 encoder AVIF is refused with what there is, and all else is written")
  func refusesWhatTheLibraryCannot() async throws {
    try await Studio.open(program: Studio.withoutAV1) { studio async throws in
      let request = RenderRequest(
        input: Studio.fixture("still.webp"), outputFolder: studio.folder.path, widths: [10], format: .avif)
      let failure = ImagingFailure(
        .formatUnavailable, fields: ["format": "avif", "available": "webp, jpeg, png"])
      #expect(failure.kind == .permanent)
      #expect(try await studio.ask(.render(request)) == .failure(failure))
      for format in [OutputFormat.webp, .jpeg, .png] {
        #expect(try await studio.render(Studio.fixture("still.webp"), widths: [10], format: format).files.count == 1)
      }
    }
  }
}

extension Studio {
  /// The real program over a libheif that knows no encoder, as a script in a folder.
  static func withoutAV1(_ folder: URL) async throws -> String {
    let source = folder.appending(path: "none.c")
    let text = """
      struct failure { int code, part; const char *message; };
      struct failure heif_context_get_encoder_for_format() { return (struct failure){4, 0, "no encoder"}; }
      int heif_context_get_encoder_descriptors() { return 0; }

      """
    try text.write(to: source, atomically: true, encoding: .utf8)
    let library = folder.appending(path: "none.so").path
    #expect(await Program("gcc", ["-shared", "-fPIC", "-o", library, source.path]).succeeds)
    let script = folder.appending(path: "program")
    try "#!/bin/sh\nLD_PRELOAD='\(library)' exec '\(program.path)' \"$@\"\n".write(
      to: script, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script.path)
    return script.path
  }
}
