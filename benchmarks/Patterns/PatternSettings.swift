import WorkerKit

/// What is measured and how; printed beside the figures.
struct PatternSettings {
  var few = 100
  var many = 10_000
  var matching = 10
  var events = 20_000
  var rounds = 9

  /// Reads `--few N --many N --matching N --events N --rounds N`.
  init(arguments: [String]) {
    var rest = arguments[...]
    while let flag = rest.popFirst() {
      guard let text = rest.popFirst(), let value = Int(text), value > 0 else { continue }
      switch flag {
      case "--few": few = value
      case "--many": many = value
      case "--matching": matching = value
      case "--events": events = value
      case "--rounds": rounds = value
      default: continue
      }
    }
  }

  var description: String {
    "one parsed event of 15 fields and \(PatternShape.event.bytes().count) bytes of JSON, \(matching) pipelines match, "
      + "one thread, \(events) events a round"
  }
}
