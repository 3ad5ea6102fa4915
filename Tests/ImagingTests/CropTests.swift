import Foundation
import ImagingProtocol
import Testing

@Suite("Cutting to a shape", .timeLimit(.minutes(5)))
struct CropTests {
  private let red: [Double] = [220, 30, 30]
  private let green: [Double] = [30, 180, 60]
  private let blue: [Double] = [40, 60, 220]
  private let white: [Double] = [250, 250, 250]

  /// Stored on its side; as displayed 1200 by 1600, red and green above blue and white.
  private func corners(_ crop: Crop, _ studio: Studio) async throws -> [[Double]] {
    let report = try await studio.render(Studio.fixture("oriented.jpg"), widths: [200], crop: crop)
    let file = try #require(report.files.first)
    let (right, bottom) = (file.width - 5, file.height - 5)
    var colours: [[Double]] = []
    for (x, y) in [(4, 4), (right, 4), (4, bottom), (right, bottom)] {
      colours.append(try await studio.colour(file, x: x, y: y))
    }
    return colours
  }

  @Test("The focus is shown, as the picture is displayed and not as it is stored")
  func showsTheFocus() async throws {
    try await Studio.open { studio async throws in
      let cases: [(across: Int, down: Int, x: Double, y: Double, shown: [[Double]])] = [
        (4, 1, 0.5, 0.25, [red, green, red, green]), (4, 1, 0.5, 0.8, [blue, white, blue, white]),
        (1, 4, 0.25, 0.5, [red, red, blue, blue]), (1, 4, 1, 0.5, [green, green, white, white]),
        (1, 1, 0.5, 0.5, [red, green, blue, white]),
      ]
      for (across, down, x, y, shown) in cases {
        let found = try await corners(Crop(across: across, down: down, focus: FocalPoint(x: x, y: y)), studio)
        for (found, expected) in zip(found, shown) {
          #expect(isNear(found, expected), "\(across):\(down) at \(x), \(y)")
        }
      }
    }
  }

  @Test("The focus lies in the middle where the edges allow it")
  func centresTheFocus() async throws {
    try await Studio.open { studio async throws in
      var gif = SmallGIF(width: 400, height: 100)
      gif.add { x, _ in (298..<302).contains(x) ? 0 : 3 }
      let path = try studio.keep(gif.bytes, as: "line.gif")
      let crop = Crop(across: 1, down: 1, focus: FocalPoint(x: 0.75, y: 0.5))
      let file = try #require(try await studio.render(path, widths: [100], format: .png, crop: crop).files.first)
      #expect(file.width == 100 && file.height == 100)
      #expect(try await studio.colour(file, x: 50, y: 50) == [230, 40, 40])
      #expect(try await studio.colour(file, x: 46, y: 50) == [128, 128, 128])
      #expect(try await studio.colour(file, x: 53, y: 50) == [128, 128, 128])
    }
  }

  @Test("Every width has the shape, and none is enlarged")
  func keepsTheShape() async throws {
    try await Studio.open { studio async throws in
      let still = Studio.fixture("still.webp")
      let square = try await studio.render(still, widths: [2000, 480, 100], crop: Crop(across: 1, down: 1))
      #expect(square.files.map(\.width) == [480, 100])
      #expect(square.files.map(\.height) == [480, 100])
      #expect(square.files.map(\.requested) == [[480, 2000], [100]])
      let wide = try await studio.render(still, widths: [640, 320, 64], crop: Crop(across: 16, down: 9))
      #expect(wide.files.map(\.height) == [360, 180, 36])
      let thin = try await studio.render(still, widths: [640], crop: Crop(across: 1000, down: 1))
      #expect(thin.files.map(\.height) == [1])
    }
  }

  @Test("What draws the eye, or has the most to see, is shown", arguments: [CropMethod.attention, .entropy])
  func findsWhatIsInteresting(method: CropMethod) async throws {
    try await Studio.open { studio async throws in
      var gif = SmallGIF(width: 600, height: 100)
      // Grey, but for a patch of many colours near the right.
      gif.add { x, y in (480..<540).contains(x) && (20..<80).contains(y) ? UInt8((x / 6 + y / 6) % 3) : 3 }
      let path = try studio.keep(gif.bytes, as: "patch.gif")
      let file = try #require(
        try await studio.render(path, widths: [100], format: .png, crop: Crop(across: 1, down: 1, method: method))
          .files.first)
      var coloured = 0
      for place in stride(from: 4, to: 100, by: 8) {
        if try await studio.colour(file, x: place, y: 50) != [128, 128, 128] { coloured += 1 }
      }
      #expect(coloured >= 4, "\(coloured) of 12 points show the patch")
    }
  }

  @Test("All frames of an animation are cut alike", .enabled(if: VipsCommand.isInstalled, VipsCommand.missing))
  func cutsFrames() async throws {
    try await Studio.open { studio async throws in
      var gif = SmallGIF(width: 200, height: 50)
      for frame in 0..<3 { gif.add { x, _ in x < 150 ? 3 : UInt8(frame) } }
      let path = try studio.keep(gif.bytes, as: "right.gif")
      let crop = Crop(across: 1, down: 1, focus: FocalPoint(x: 1, y: 0))
      let file = try #require(
        try await studio.render(path, widths: [40], animation: .keep, crop: crop).files.first)
      #expect(file.width == 40 && file.height == 40 && file.frames == 3)
      for (page, colour) in [[230.0, 40, 40], [40, 200, 60], [40, 60, 230]].enumerated() {
        let name = studio.folder.appending(path: file.path).path
        let found = try await VipsCommand.colour(name, x: 2, y: 20, options: "[page=\(page)]")
        #expect(isNear(Array(found.prefix(3)), colour, within: 12))
      }
    }
  }
}
