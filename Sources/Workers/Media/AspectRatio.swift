import WorkerKit

/// A shape as an option: `16:9`.
struct AspectRatio: OptionValue {
  let across: Int
  let down: Int

  static func read(_ json: JSON, option: String) throws(OptionProblem) -> AspectRatio {
    if case .string(let text) = json, let ratio = AspectRatio(text) { return ratio }
    throw OptionProblem(
      option: option, message: "must be a width and a height from 1 to 1000 as a text, like \"1:1\" or \"16:9\"")
  }

  private init?(_ text: String) {
    let sides = text.split(separator: ":", omittingEmptySubsequences: false)
    guard sides.count == 2, let across = Self.side(sides[0]), let down = Self.side(sides[1]) else { return nil }
    (self.across, self.down) = (across, down)
  }

  init(across: Int, down: Int) { (self.across, self.down) = (across, down) }

  private static func side(_ text: Substring) -> Int? {
    guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let side = Int(text) else {
      return nil
    }
    return (1...1000).contains(side) ? side : nil
  }

  var optionJSON: JSON { .string("\(across):\(down)") }
  static var schema: JSON { ["type": "string", "pattern": "^[0-9]{1,4}:[0-9]{1,4}$"] }
}
