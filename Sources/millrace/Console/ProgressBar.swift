/// A fraction as a bar.
enum ProgressBar {
  private static let cells = 20

  /// The bar and the percentage; `fraction` is from 0 to 1.
  static func text(_ fraction: Double) -> String {
    let full = Int(fraction * Double(cells))
    let bar = String(repeating: "#", count: full) + String(repeating: ".", count: cells - full)
    return "[\(bar)] \(Int(fraction * 100)) %"
  }
}
