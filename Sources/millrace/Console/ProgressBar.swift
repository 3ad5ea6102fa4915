/// A fraction as a bar.
enum ProgressBar {
  private static let cells = 20

  /// The bar and the percentage; `fraction` is from 0 to 1. Only what is done is full, and 100 %.
  static func text(_ fraction: Double) -> String {
    // A fraction like 0.29 is a little less than it says, and must not lose its last percent by that.
    let share = min(1, max(0, fraction)) + 1e-9
    let full = Int(share * Double(cells))
    let bar = String(repeating: "#", count: full) + String(repeating: ".", count: cells - full)
    return "[\(bar)] \(Int(share * 100)) %"
  }
}
