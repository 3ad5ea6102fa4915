import Foundation
import ImagingProtocol
import Testing

@Suite("Pictures that move", .timeLimit(.minutes(5)))
struct AnimationTests {
  /// Three frames of a colour each with a white bar above and a black one below; shown, and then three times again.
  private static var flag: SmallGIF {
    var gif = SmallGIF(width: 90, height: 60)
    gif.repetitions = 3
    for (frame, hundredths) in [5, 12, 30].enumerated() {
      gif.add(hundredths: hundredths) { _, y in y < 10 ? 4 : y >= 50 ? 5 : UInt8(frame) }
    }
    return gif
  }
  private static let colours: [[Double]] = [[230, 40, 40], [40, 200, 60], [40, 60, 230]]

  private func moving(_ file: RenderedFile, in studio: Studio) throws -> MovingWebP {
    MovingWebP(try Data(contentsOf: studio.folder.appending(path: file.path)))
  }

  @Test("Frames, their times and the repetitions are kept in every width")
  func keepsFrames() async throws {
    try await Studio.open { studio async throws in
      let path = try studio.keep(Self.flag.bytes, as: "flag.gif")
      let report = try await studio.render(path, widths: [90, 45, 500], animation: .keep)
      #expect(report.source.pages == 3)
      #expect(report.files.map(\.requested) == [[90, 500], [45]])
      #expect(report.files.map(\.height) == [60, 30])
      #expect(report.files.map(\.frames) == [3, 3])
      for file in report.files {
        let moving = try moving(file, in: studio)
        #expect(moving.delays == [50, 120, 300])
        #expect(moving.showings == 4)
        #expect(!moving.chunks.contains { ["EXIF", "ICCP", "XMP "].contains($0) })
        #expect(try await studio.probe(file).source.pages == 3)
        #expect(try await studio.probe(file).source.height == file.height)
      }
    }
  }

  @Test("Each frame has its own picture up to its edges", .enabled(if: VipsCommand.isInstalled, VipsCommand.missing))
  func keepsFramesApart() async throws {
    try await Studio.open { studio async throws in
      let path = try studio.keep(Self.flag.bytes, as: "flag.gif")
      let files = try await studio.render(path, widths: [45, 31], animation: .keep).files
      for file in files {
        let name = studio.folder.appending(path: file.path).path
        for page in 0..<3 {
          let colour = { y in try await VipsCommand.colour(name, x: 20, y: y, options: "[page=\(page)]").prefix(3) }
          #expect(isNear(Array(try await colour(file.height / 2)), Self.colours[page], within: 12))
          #expect(isNear(Array(try await colour(0)), [255, 255, 255], within: 12), "The upper edge is white.")
          #expect(isNear(Array(try await colour(file.height - 1)), [0, 0, 0], within: 12), "The lower edge is black.")
        }
      }
    }
  }

  @Test("An animated WebP goes on moving too")
  func readsWebP() async throws {
    try await Studio.open { studio async throws in
      let path = try studio.keep(Self.flag.bytes, as: "flag.gif")
      let first = try #require(try await studio.render(path, widths: [90], animation: .keep).files.first)
      let copy = try studio.keep(try Data(contentsOf: studio.folder.appending(path: first.path)), as: "flag.webp")
      let report = try await studio.render(copy, widths: [40], animation: .keep)
      #expect(report.source.format == .webp && report.source.pages == 3 && report.source.height == 60)
      let moving = try moving(try #require(report.files.first), in: studio)
      #expect(moving.delays == [50, 120, 300])
      #expect(moving.showings == 4)
    }
  }

  @Test("The first frame alone is a still picture", arguments: OutputFormat.allCases)
  func takesTheFirst(format: OutputFormat) async throws {
    try await Studio.open { studio async throws in
      let path = try studio.keep(Self.flag.bytes, as: "flag.gif")
      let file = try #require(try await studio.render(path, widths: [45], format: format).files.first)
      #expect(file.frames == 1 && file.height == 30)
      let bytes = try Data(contentsOf: studio.folder.appending(path: file.path))
      #expect(bytes.range(of: Data("ANIM".utf8)) == nil)
      guard format != .avif else { return }
      #expect(isNear(Array(try await studio.colour(file, x: 20, y: 15).prefix(3)), Self.colours[0], within: 12))
    }
  }

  @Test("A still picture that may move stays still")
  func leavesStillPictures() async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture("still.webp"), widths: [64], animation: .keep)
      #expect(report.files.map(\.frames) == [1])
    }
  }

  @Test("Ten thousand frames are refused, and the first of them is had all the same")
  func boundsFrames() async throws {
    try await Studio.open { studio async throws in
      var gif = SmallGIF(width: 4, height: 4)
      for _ in 0..<10_000 { gif.add { _, _ in 0 } }
      let path = try studio.keep(gif.bytes, as: "many.gif")
      let failure = try await studio.refusal(path, animation: .keep)
      #expect(
        failure
          == ImagingFailure(
            .tooManyFrames,
            fields: [
              "frames": "4097", "width": "4", "height": "4", "max_frames": "1000", "max_frame_pixels": "50000000",
            ]))
      // libvips counts no further than 4097.
      #expect(failure.kind == .permanent)
      #expect(try await studio.render(path, widths: [4]).files.map(\.frames) == [1])
    }
  }

  @Test("Frames that are few and large together are refused before they are decoded")
  func boundsPixelsOfAllFrames() async throws {
    try await Studio.open { studio async throws in
      var gif = SmallGIF(width: 5000, height: 5000)
      for _ in 0..<3 { gif.addHollow() }
      let path = try studio.keep(gif.bytes, as: "large.gif")
      let failure = try await studio.refusal(path, animation: .keep)
      #expect(failure.code == .tooManyFrames && failure.fields["frames"] == "3")
    }
  }

  @Test("The bounds of frames and of their pixels are exact")
  func boundsExactly() async throws {
    try await Studio.open { studio async throws in
      let path = try studio.keep(Self.flag.bytes, as: "flag.gif")
      let pixels = 3 * 90 * 60
      for (frames, pixels, works) in [(3, pixels, true), (2, pixels, false), (3, pixels - 1, false)] {
        let request = RenderRequest(
          input: path, outputFolder: studio.folder.path, widths: [9], maxFrames: frames, maxFramePixels: pixels,
          animation: .keep)
        guard case .failure(let failure) = try await studio.ask(.render(request)) else {
          #expect(works)
          continue
        }
        #expect(!works && failure.code == .tooManyFrames, "\(failure)")
      }
    }
  }

  @Test("An animation that ends early is truncated", arguments: [0.3, 0.9])
  func refusesHalves(part: Double) async throws {
    try await Studio.open { studio async throws in
      let whole = Self.flag.bytes
      let path = try studio.keep(whole.prefix(Int(Double(whole.count) * part)), as: "half.gif")
      #expect(try await studio.refusal(path, animation: .keep).code == .truncatedPicture)
      let file = try #require(
        try await studio.render(try studio.keep(whole, as: "flag.gif"), widths: [90], animation: .keep).files.first)
      let webP = try Data(contentsOf: studio.folder.appending(path: file.path))
      let half = try studio.keep(webP.prefix(Int(Double(webP.count) * part)), as: "half.webp")
      #expect(try await studio.refusal(half, animation: .keep).code == .truncatedPicture)
    }
  }
}
