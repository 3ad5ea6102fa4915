/// The container of a WebP file: chunks in RIFF.
///
/// libvips 8.14 writes EXIF and a profile into WebP even when asked to strip them, so they are taken out here.
/// The format: https://developers.google.com/speed/webp/docs/riff_container
enum WebPContainer {
  private static let metadata: Set<String> = ["EXIF", "ICCP", "XMP "]
  /// The bits of a VP8X chunk that announce a profile, EXIF and XMP.
  private static let metadataFlags: UInt8 = 0x20 | 0x08 | 0x04

  /// The file without its metadata, or as it was where it is no such file.
  static func withoutMetadata(_ file: [UInt8]) -> [UInt8] {
    guard file.count >= 12, file.starts(with: Array("RIFF".utf8)) else { return file }
    var kept: [UInt8] = []
    kept.reserveCapacity(file.count)
    var rest = file[12...]
    while rest.count >= 8 {
      let length = rest.dropFirst(4).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      var chunk = rest.prefix(8 + length + length & 1)
      rest = rest.dropFirst(chunk.count)
      let name = String(decoding: chunk.prefix(4), as: UTF8.self)
      if metadata.contains(name) { continue }
      if name == "VP8X", chunk.count > 8 { chunk[chunk.startIndex + 8] &= ~metadataFlags }
      kept += chunk
    }
    let size = kept.count + 4
    return Array("RIFF".utf8) + (0..<4).map { UInt8(truncatingIfNeeded: size >> ($0 * 8)) } + Array("WEBP".utf8) + kept
  }
}
