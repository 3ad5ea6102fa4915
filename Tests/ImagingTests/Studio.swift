import Foundation
import ImagingProtocol
import ProcessChild
import ProcessDriver
import Testing

/// The real program behind a pool of one child, and a private folder, for one test.
struct Studio {
  let pool: ChildPool
  let folder: URL

  static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "millrace-imaging")

  /// The path of a fixture.
  static func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/pictures/\(name)").path
  }

  /// The content of a fixture.
  static func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: fixture(name))) }

  /// Runs a test's body with a studio and takes everything away afterwards.
  static func open(
    program: (URL) async throws -> String = { _ in Self.program.path },
    limits: ChildLimits = ChildLimits(addressSpaceBytes: 2 << 30, fileSizeBytes: 64 << 20, openFiles: 32),
    _ body: (Studio) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "imaging-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let pool = ChildPool(configuration: ChildPoolConfiguration(executable: try await program(folder), limits: limits))
    let result: Result<Void, any Error>
    do { result = .success(try await body(Studio(pool: pool, folder: folder))) } catch { result = .failure(error) }
    await pool.close()
    try FileManager.default.removeItem(at: folder)
    try result.get()
  }

  /// Puts bytes into the folder and answers their path.
  func keep(_ bytes: Data, as name: String) throws -> String {
    let path = folder.appending(path: name)
    try bytes.write(to: path)
    return path.path
  }

  func ask(_ request: ImagingRequest) async throws -> ImagingAnswer {
    try ImagingWire.answer(try await pool.call(try ImagingWire.encode(request), deadline: .seconds(60)))
  }

  func render(
    _ input: String, widths: [Int], format: OutputFormat = .webp, maxPixels: Int = 100_000_000,
    animation: AnimationChoice = .first, crop: Crop? = nil, background: Colour = .white
  ) async throws -> PictureReport {
    let answer = try await ask(
      .render(
        RenderRequest(
          input: input, outputFolder: folder.path, widths: widths, format: format, maxPixels: maxPixels,
          animation: animation, crop: crop, background: background)))
    guard case .report(let report) = answer else {
      Issue.record("failed: \(answer)")
      throw CancellationError()
    }
    return report
  }

  /// The failure that a file must lead to.
  func refusal(
    _ input: String, widths: [Int] = [100], maxPixels: Int = 100_000_000, animation: AnimationChoice = .first
  ) async throws -> ImagingFailure {
    let request = RenderRequest(
      input: input, outputFolder: folder.path, widths: widths, maxPixels: maxPixels, animation: animation)
    guard case .failure(let failure) = try await ask(.render(request)) else {
      Issue.record("rendered")
      throw CancellationError()
    }
    return failure
  }

  /// Reads a rendered file back.
  func probe(_ file: RenderedFile, at point: Point? = nil) async throws -> PictureReport {
    let answer = try await ask(.probe(ProbeRequest(input: folder.appending(path: file.path).path, point: point)))
    guard case .report(let report) = answer else {
      Issue.record("failed: \(answer)")
      throw CancellationError()
    }
    return report
  }

  /// The colour of a rendered file's pixel.
  func colour(_ file: RenderedFile, x: Int, y: Int) async throws -> [Double] {
    try #require(try await probe(file, at: Point(x: x, y: y)).pixel)
  }

  func names() throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: folder.path)) }
}

/// Whether two colours differ by no more than lossy compression makes them.
func isNear(_ found: [Double], _ expected: [Double], within tolerance: Double = 8) -> Bool {
  found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }
}
