internal import CVipsShim
internal import ImagingProtocol

/// The library as a whole. One thread uses it.
enum Vips {
  /// libvips could not be started.
  struct StartFailure: Error {
    let detail: String
  }

  /// The version of the library that is loaded.
  static var version: String { String(cString: millrace_vips_version()) }

  /// What this library can write: AVIF needs an AV1 encoder, which not every installation has.
  static let writable = OutputFormat.allCases.filter { format in
    let bytes = Picture.blank()?.encoded(as: format, quality: 50)
    _ = takeError()
    return bytes != nil
  }

  static func start() throws(StartFailure) {
    guard millrace_vips_start("millrace-imaging") == 0 else { throw StartFailure(detail: takeError()) }
  }

  /// The first line of the last failure's text, at most 500 bytes of it; the next failure starts anew.
  static func takeError() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 500) { buffer in
      guard let text = buffer.baseAddress else { return "" }
      millrace_vips_take_error(text, buffer.count)
      return String(String(cString: text).prefix { $0 != "\n" })
    }
  }
}
