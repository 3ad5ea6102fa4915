import Foundation
import ImagingProtocol
import ProcessChild
import ProcessDriver
import Testing

@Suite struct RefusalTests {
  @Test(arguments: ForeignFormat.all)
  func aFormatThatIsNotAllowedIsNoPicture(format: ForeignFormat) async throws {
    try await Studio.open { studio async throws in
      let path = try studio.keep(format.bytes, as: "picture.jpg")
      #expect(try await studio.refusal(path) == ImagingFailure(.notAPicture))
    }
  }

  @Test(arguments: [Data(), Data("This is a letter, not a picture.".utf8)])
  func whatIsNoPictureIsPermanentlyRefused(content: Data) async throws {
    try await Studio.open { studio async throws in
      let failure = try await studio.refusal(try studio.keep(content, as: "text.jpg"))
      #expect(failure == ImagingFailure(.notAPicture))
      #expect(failure.kind == .permanent)
    }
  }

  @Test(
    arguments: ["oriented.jpg", "demo/dusk.jpg", "alpha.png", "still.webp", "animated.gif", "wide-gamut.jpg"],
    [0.35, 0.6, 0.9])
  func aPictureThatEndsEarlyIsTruncated(name: String, part: Double) async throws {
    try await Studio.open { studio async throws in
      let whole = try Studio.bytes(name)
      // The first frame of the animation is all that is read, so it must be cut within that.
      let count = name == "animated.gif" ? Int(150 * part) : Int(Double(whole.count) * part)
      let failure = try await studio.refusal(try studio.keep(whole.prefix(count), as: "picture"))
      #expect(failure.code == .truncatedPicture, "\(failure)")
      #expect(failure.kind == .permanent)
      #expect(try studio.names() == ["picture"])
    }
  }

  @Test func aDamagedPictureIsToldFromATruncatedOne() async throws {
    try await Studio.open { studio async throws in
      var bytes = try Studio.bytes("alpha.png")
      for index in 300..<340 { bytes[index] ^= 0xff }
      let failure = try await studio.refusal(try studio.keep(bytes, as: "picture"))
      #expect(failure.code == .damagedPicture, "\(failure)")
    }
  }

  @Test func anEnormousHeaderIsRefusedWithoutDecoding() async throws {
    // Decoded, it would take some ten gigabytes.
    try await Studio.open(limits: ChildLimits(addressSpaceBytes: 400 << 20)) { studio async throws in
      let path = try studio.keep(HugePNG.bytes(width: 60_000, height: 60_000), as: "bomb.png")
      _ = try await studio.render(Studio.fixture("still.webp"), widths: [10])
      let failure = try await studio.refusal(path)
      #expect(
        failure
          == ImagingFailure(
            .tooManyPixels, fields: ["width": "60000", "height": "60000", "max_pixels": "100000000"]))
      #expect(failure.kind == .poison)
    }
  }

  @Test func whatFollowsAPictureIsNeitherReadNorKept() async throws {
    try await Studio.open { studio async throws in
      let page = Data("<html><script>alert('polyglot')</script></html>".utf8)
      for name in ["demo/dusk.jpg", "alpha.png", "still.webp", "animated.gif"] {
        let path = try studio.keep(try Studio.bytes(name) + page, as: "picture.html")
        for format in OutputFormat.allCases {
          let animation: AnimationChoice = format.canMove ? .keep : .first
          let report = try await studio.render(path, widths: [40], format: format, animation: animation)
          let file = try #require(report.files.first)
          let bytes = try Data(contentsOf: studio.folder.appending(path: file.path))
          #expect(bytes.range(of: Data("polyglot".utf8)) == nil, "\(name) as \(format)")
        }
      }
    }
  }

  @Test(arguments: ["GIF89a", "\u{89}PNG\r\n", "RIFF....WEBPVP8 ", "\u{ff}\u{d8}\u{ff}"])
  func theFirstBytesAloneMakeNoPicture(signature: String) async throws {
    try await Studio.open { studio async throws in
      let start = Data(signature.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
      let path = try studio.keep(start + Data("=1;alert('polyglot')//".utf8), as: "script.gif")
      let failure = try await studio.refusal(path)
      #expect([.notAPicture, .truncatedPicture, .damagedPicture].contains(failure.code), "\(failure)")
      #expect(failure.kind == .permanent)
      #expect(try studio.names() == ["script.gif"])
    }
  }

  @Test func theBoundOfPixelsIsExact() async throws {
    try await Studio.open { studio async throws in
      let path = Studio.fixture("still.webp")
      #expect(try await studio.render(path, widths: [10], maxPixels: 640 * 480).files.count == 1)
      #expect(try await studio.refusal(path, maxPixels: 640 * 480 - 1).code == .tooManyPixels)
    }
  }

  @Test func tooLittleMemoryFailsCleanlyAndThePoolGoesOn() async throws {
    try await Studio.open(limits: ChildLimits(addressSpaceBytes: 400 << 20)) { studio in
      let request = ImagingRequest.render(
        RenderRequest(
          input: Studio.fixture("large-and-dark.png"), outputFolder: studio.folder.path, widths: [10_000]))
      do {
        let answer = try await studio.ask(request)
        guard case .failure(let failure) = answer else {
          Issue.record("rendered in 400 MiB")
          return
        }
        #expect(failure.code == .outOfMemory)
        #expect(failure.kind == .poison)
      } catch let failure as ChildFailure {
        guard case .died = failure else { throw failure }
      }
      #expect(try await studio.render(Studio.fixture("still.webp"), widths: [10]).files.count == 1)
    }
  }

  @Test func aRequestOutOfBoundsNamesItsField() async throws {
    try await Studio.open { studio async throws in
      let input = Studio.fixture("still.webp")
      let folder = studio.folder.path
      let requests = [
        ("widths", RenderRequest(input: input, outputFolder: folder, widths: [])),
        ("widths", RenderRequest(input: input, outputFolder: folder, widths: [0])),
        ("widths", RenderRequest(input: input, outputFolder: folder, widths: [16_384])),
        ("widths", RenderRequest(input: input, outputFolder: folder, widths: Array(1...33))),
        ("quality", RenderRequest(input: input, outputFolder: folder, widths: [9], quality: 0)),
        ("quality", RenderRequest(input: input, outputFolder: folder, widths: [9], quality: 101)),
        ("max_frame_pixels", RenderRequest(input: input, outputFolder: folder, widths: [9], maxFramePixels: 0)),
        ("max_frames", RenderRequest(input: input, outputFolder: folder, widths: [9], maxFrames: 0)),
        ("max_frames", RenderRequest(input: input, outputFolder: folder, widths: [9], maxFrames: 4097)),
        ("animation", RenderRequest(input: input, outputFolder: folder, widths: [9], format: .png, animation: .keep)),
        ("crop", RenderRequest(input: input, outputFolder: folder, widths: [9], crop: Crop(across: 0, down: 1))),
        ("crop", RenderRequest(input: input, outputFolder: folder, widths: [9], crop: Crop(across: 1, down: 1001))),
        (
          "crop",
          RenderRequest(
            input: input, outputFolder: folder, widths: [9],
            crop: Crop(across: 1, down: 1, focus: FocalPoint(x: 1.5, y: 0)))
        ),
        ("max_pixels", RenderRequest(input: input, outputFolder: folder, widths: [9], maxPixels: 0)),
        ("input", RenderRequest(input: "still.webp", outputFolder: folder, widths: [9])),
        ("output_folder", RenderRequest(input: input, outputFolder: "here", widths: [9])),
      ]
      for (field, request) in requests {
        #expect(
          try await studio.ask(.render(request)) == .failure(ImagingFailure(.badRequest, fields: ["field": field])))
      }
    }
  }

  @Test(arguments: ["", "{}", "[1]", #"{"operation":"format-disk"}"#, #"{"operation":"render"}"#])
  func aRequestThatIsNoneIsRefused(text: String) async throws {
    try await Studio.open { studio async throws in
      let answer = try await studio.pool.call(Array(text.utf8), deadline: .seconds(30))
      #expect(try ImagingWire.answer(answer) == .failure(ImagingFailure(.badRequest)))
    }
  }

  @Test func onlyARegularFileIsRead() async throws {
    try await Studio.open { studio async throws in
      let pipe = studio.folder.appending(path: "pipe").path
      mkfifo(pipe, 0o600)
      let link = studio.folder.appending(path: "link").path
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: Studio.fixture("still.webp"))
      for path in [pipe, link, studio.folder.path, "/nowhere/picture.jpg"] {
        #expect(try await studio.refusal(path).code == .inputUnreadable, "\(path)")
      }
    }
  }

  @Test func aFolderThatCannotBeWrittenIsTransient() async throws {
    try await Studio.open { studio async throws in
      let request = RenderRequest(
        input: Studio.fixture("still.webp"), outputFolder: studio.folder.path + "/none", widths: [10])
      #expect(
        try await studio.ask(.render(request)) == .failure(ImagingFailure(.outputUnwritable, fields: ["errno": "2"])))
      #expect(ImagingFailure(.outputUnwritable).kind == .transient)
    }
  }
}
