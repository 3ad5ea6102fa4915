/// What is measured and how; printed beside the figures.
struct QueueSettings: Sendable {
  var url = "redis://127.0.0.1:6379"
  var jobs = 200_000
  var batch = 100
  var tasks = 4
  var rounds = 3
  var wait = 0
  var rate = 300
  var pickups = 3000

  /// Reads `--url URL` and numbers: `--jobs N --batch N --tasks N --rounds N --wait N --rate N --pickups N`.
  init(arguments: [String]) {
    var rest = arguments[...]
    while let flag = rest.popFirst() {
      guard let text = rest.popFirst() else { continue }
      if flag == "--url" { url = text }
      guard let value = Int(text), value > 0 else { continue }
      switch flag {
      case "--jobs": jobs = value
      case "--batch": batch = value
      case "--tasks": tasks = value
      case "--rounds": rounds = value
      case "--wait": wait = value
      case "--rate": rate = value
      case "--pickups": pickups = value
      default: continue
      }
    }
  }
}
