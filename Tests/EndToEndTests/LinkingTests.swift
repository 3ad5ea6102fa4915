import Foundation
import Testing

/// What decodes strangers' pictures is another process than the server.
@Suite("What the programs link", .timeLimit(.minutes(5)))
struct LinkingTests {
  /// Whether a program's file names a library that it is to be loaded with.
  private func names(_ library: String, _ program: URL) throws -> Bool {
    try Data(contentsOf: program, options: .alwaysMapped).range(of: Data(library.utf8)) != nil
  }

  @Test("The server does not link libvips, and the picture program does")
  func keepsPicturesOut() throws {
    #expect(try !names("libvips.so", Command.program))
    #expect(try names("libvips.so", Command.program.deletingLastPathComponent().appending(path: "millrace-imaging")))
  }
}
