import Foundation

/// A GIF of few colours, written here: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
struct SmallGIF {
  let width: Int
  let height: Int
  /// How often it is shown again; 0 for ever.
  var repetitions = 0
  /// At most 128.
  var palette: [[UInt8]] = [
    [230, 40, 40], [40, 200, 60], [40, 60, 230], [128, 128, 128], [255, 255, 255], [0, 0, 0],
  ]
  private(set) var frames = Data()

  init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

  /// Adds a frame whose pixels are places in the palette; `hundredths` of a second is how long it is shown.
  mutating func add(hundredths: Int = 10, _ pixel: (_ x: Int, _ y: Int) -> UInt8) {
    add(hundredths: hundredths, (0..<height).flatMap { y in (0..<width).map { x in pixel(x, y) } })
  }

  /// Adds a frame that announces its whole size and holds one pixel.
  mutating func addHollow() { add(hundredths: 10, [0]) }

  private mutating func add(hundredths: Int, _ pixels: [UInt8]) {
    frames.append(contentsOf: [0x21, 0xf9, 4, 0, low(hundredths), high(hundredths), 0, 0])
    frames.append(contentsOf: [0x2c, 0, 0, 0, 0, low(width), high(width), low(height), high(height), 0])
    // Codes of 8 bits: with the table cleared before it has grown, each is a pixel.
    var codes: [UInt8] = []
    for start in stride(from: 0, to: pixels.count, by: 100) {
      codes.append(128)
      codes.append(contentsOf: pixels[start...].prefix(100))
    }
    codes.append(129)
    frames.append(7)
    for start in stride(from: 0, to: codes.count, by: 255) {
      let block = codes[start...].prefix(255)
      frames.append(UInt8(block.count))
      frames.append(contentsOf: block)
    }
    frames.append(0)
  }

  var bytes: Data {
    var bytes = Data("GIF89a".utf8)
    bytes.append(contentsOf: [low(width), high(width), low(height), high(height), 0xf6, 0, 0])
    for index in 0..<128 { bytes.append(contentsOf: palette[min(index, palette.count - 1)]) }
    bytes.append(contentsOf: [0x21, 0xff, 11])
    bytes.append(contentsOf: Array("NETSCAPE2.0".utf8))
    bytes.append(contentsOf: [3, 1, low(repetitions), high(repetitions), 0])
    bytes.append(frames)
    bytes.append(0x3b)
    return bytes
  }

  private func low(_ value: Int) -> UInt8 { UInt8(value & 0xff) }
  private func high(_ value: Int) -> UInt8 { UInt8(value >> 8) }
}
