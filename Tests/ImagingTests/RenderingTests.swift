import Foundation
import ImagingProtocol
import Testing

@Suite struct RenderingTests {
  @Test func aPictureOnItsSideComesOutUprightInEveryWidth() async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture("oriented.jpg"), widths: [128, 1000, 512])
      #expect(
        report.source
          == SourcePicture(
            format: .jpeg, width: 1200, height: 1600, pages: 1, orientation: 6, hasAlpha: false, metadata: ["exif"]))
      #expect(report.files.map(\.requested) == [[1000], [512], [128]])
      #expect(report.files.map(\.width) == [1000, 512, 128])
      #expect(report.files.map(\.height) == [1333, 682, 171])
      #expect(try studio.names() == ["1000.webp", "512.webp", "128.webp"])
      for file in report.files {
        let read = try await studio.probe(file).source
        #expect(
          read
            == SourcePicture(
              format: .webp, width: file.width, height: file.height, pages: 1, orientation: 1, hasAlpha: false,
              metadata: []))
        let (left, right, top, bottom) = (file.width / 4, file.width * 3 / 4, file.height / 4, file.height * 3 / 4)
        #expect(isNear(try await studio.colour(file, x: left, y: top), [220, 30, 30]))
        #expect(isNear(try await studio.colour(file, x: right, y: top), [30, 180, 60]))
        #expect(isNear(try await studio.colour(file, x: left, y: bottom), [40, 60, 220]))
        #expect(isNear(try await studio.colour(file, x: right, y: bottom), [250, 250, 250]))
      }
    }
  }

  @Test func aFilesReportedSizeIsItsSizeOnDisk() async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture("still.webp"), widths: [300], format: .jpeg)
      let file = try #require(report.files.first)
      #expect(file.bytes == (try Data(contentsOf: studio.folder.appending(path: file.path))).count)
      #expect(file.format == .jpeg)
      #expect(try await studio.probe(file).source.format == .jpeg)
    }
  }

  @Test func widthsBeyondThePictureBecomeOneFileOfItsOwnWidth() async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture("still.webp"), widths: [5000, 100, 640, 900])
      #expect(report.files.map(\.requested) == [[640, 900, 5000], [100]])
      #expect(report.files.map(\.width) == [640, 100])
      #expect(report.files.map(\.height) == [480, 75])
      #expect(try studio.names() == ["640.webp", "100.webp"])
    }
  }

  @Test func transparencyIsKeptInWebP() async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture("alpha.png"), widths: [200])
      let file = try #require(report.files.first)
      #expect(report.source.hasAlpha)
      #expect(try await studio.probe(file).source.hasAlpha)
      #expect(try await studio.colour(file, x: 5, y: 75).last == 0)
      #expect(isNear(try await studio.colour(file, x: 190, y: 75), [20, 60, 210, 255]))
    }
  }

  @Test func transparencyLiesOnTheBackgroundInJPEG() async throws {
    try await Studio.open { studio async throws in
      let background = Colour(red: 10, green: 200, blue: 120)
      let report = try await studio.render(
        Studio.fixture("alpha.png"), widths: [200, 60], format: .jpeg, background: background)
      for file in report.files {
        #expect(try await studio.probe(file).source.hasAlpha == false)
        #expect(isNear(try await studio.colour(file, x: 4, y: file.height / 2), [10, 200, 120]))
        #expect(isNear(try await studio.colour(file, x: file.width - 4, y: file.height / 2), [20, 60, 210]))
      }
    }
  }

  @Test func theFirstFrameOfAnAnimationStandsForIt() async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture("animated.gif"), widths: [60])
      let file = try #require(report.files.first)
      #expect(report.source.format == .gif)
      #expect(report.source.pages == 3)
      #expect(file.height == 40)
      #expect(try await studio.probe(file).source.pages == 1)
      #expect(isNear(try await studio.colour(file, x: 30, y: 20), [230, 40, 40]))
    }
  }

  // (200, 60, 60) with Adobe RGB's primaries and gamma is (231, 57, 57) in sRGB; read as sRGB it would stay 200.
  @Test(arguments: [("wide-gamut.jpg", [231.0, 57, 57]), ("sixteen-bit.png", [200, 60, 60])])
  func coloursArriveInSRGB(name: String, expected: [Double]) async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture(name), widths: [80])
      let file = try #require(report.files.first)
      #expect(isNear(try await studio.colour(file, x: 40, y: 30), expected))
      #expect(try await studio.probe(file).source.metadata == [])
    }
  }

  @Test func blueStaysBlueWithoutAProfile() async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture("oriented.jpg"), widths: [64])
      let file = try #require(report.files.first)
      #expect(isNear(try await studio.colour(file, x: 16, y: 60), [40, 60, 220]))
    }
  }

  // AVIF is written, and never read.
  @Test(arguments: [OutputFormat.webp, .jpeg, .png])
  func greyWithTransparencyComesOutInEveryFormat(format: OutputFormat) async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture("grey-alpha.png"), widths: [40], format: format)
      let colour = try await studio.colour(try #require(report.files.first), x: 3, y: 15)
      #expect(isNear(Array(colour.prefix(3)), [90, 90, 90], within: 16))
    }
  }

  @Test func aProfileThatIsGarbageIsPassedOver() async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture("garbage-profile.jpg"), widths: [40])
      #expect(report.source.metadata.contains("icc"))
      let colour = try await studio.colour(try #require(report.files.first), x: 20, y: 15)
      #expect(isNear(colour, [200, 60, 60]))
    }
  }

  @Test func inksBecomeLight() async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture("cmyk.jpg"), widths: [80])
      let colour = try await studio.colour(try #require(report.files.first), x: 40, y: 30)
      #expect(colour.count == 3)
      #expect(colour[0] > 150 && colour[1] < 110 && colour[2] < 110, "\(colour)")
    }
  }

  @Test func contentDecidesAndTheNameDoesNot() async throws {
    try await Studio.open { studio async throws in
      let path = try studio.keep(try Studio.bytes("alpha.png"), as: "photo.jpg[page=2]")
      #expect(try await studio.render(path, widths: [50]).source.format == .png)
    }
  }

  @Test(arguments: ["julia.jpg", "dusk.jpg", "ribbons.jpg"])
  func theDemoPicturesRender(name: String) async throws {
    try await Studio.open { studio async throws in
      let report = try await studio.render(Studio.fixture("demo/\(name)"), widths: [128, 512, 1200])
      #expect(report.files.map(\.width) == [1200, 512, 128])
    }
  }

  @Test func oneChildServesManyPicturesWithoutLeakingDescriptors() async throws {
    // A child may have 32 descriptors open: sixty pictures of three widths would use up any that were left behind.
    try await Studio.open { studio async throws in
      for _ in 0..<60 { _ = try await studio.render(Studio.fixture("still.webp"), widths: [90, 60, 30]) }
    }
  }
}
