import WorkerKit
import WorkerKitTesting

extension JSON {
  /// A finite value of at most `depth` levels.
  static func random(depth: Int, using random: inout SeededGenerator) -> JSON {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
    case 0: return [nil, true, false].randomElement(using: &random) ?? nil
    case 1: return .integer(.random(in: -1_000...1_000, using: &random))
    case 2: return .integer(.random(in: .min ... .max, using: &random))
    case 3: return .double(.random(in: -1e6...1e6, using: &random))
    case 4: return .string(randomText(using: &random))
    case 5:
      let count = Int.random(in: 0...5, using: &random)
      return .array((0..<count).map { _ in JSON.random(depth: depth - 1, using: &random) })
    default:
      let count = Int.random(in: 0...5, using: &random)
      let members = (0..<count).map { _ in
        (randomText(using: &random), JSON.random(depth: depth - 1, using: &random))
      }
      return .object(Dictionary(members) { first, _ in first })
    }
  }

  private static func randomText(using random: inout SeededGenerator) -> String {
    let pieces = [
      "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\t", "\u{0}", "\u{1f}", "\u{7f}", "é", "€", "😀", "\u{301}",
    ]
    let count = Int.random(in: 0...20, using: &random)
    return (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
  }
}
