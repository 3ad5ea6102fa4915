/// Percentiles of milliseconds, as they are printed.
struct Marks: CustomStringConvertible {
  let description: String

  init(_ values: [Double]) {
    let sorted = values.sorted()
    let texts = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1)].map { name, share in
      let value = sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
      return "\(name) \((value * 100).rounded() / 100)"
    }
    description = texts.joined(separator: ", ")
  }
}
