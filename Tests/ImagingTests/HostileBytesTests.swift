import Foundation
import ImagingProtocol
import ProcessDriver
import Testing

/// SplitMix64, so that a run can be repeated from its seed: https://prng.di.unimi.it/splitmix64.c
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

@Suite struct HostileBytesTests {
  @Test(arguments: ["oriented.jpg", "alpha.png", "still.webp", "animated.gif", "wide-gamut.jpg"])
  func damagedBytesNeverTakeThePoolDown(name: String) async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed of \(name): \(seed)")
    var random = SeededGenerator(state: seed)
    let whole = try Studio.bytes(name)
    try await Studio.open { studio async throws in
      for _ in 0..<40 {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...20, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        let path = try studio.keep(bytes, as: "picture")
        let request = RenderRequest(input: path, outputFolder: studio.folder.path, widths: [90, 30])
        do {
          _ = try await studio.ask(.render(request))
        } catch let failure as ChildFailure {
          guard case .died = failure else { throw failure }
        }
      }
      #expect(try await studio.render(Studio.fixture("still.webp"), widths: [10]).files.count == 1)
    }
  }
}
