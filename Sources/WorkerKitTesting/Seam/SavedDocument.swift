internal import WorkerKit

/// A document that somebody writes, its window, and what is known of its saves.
struct SavedDocument {
  let name: String
  let quiet: Duration
  let maxWait: Duration
  /// True where texts tell the newer from the older.
  let isDated: Bool
  /// The newest that was emitted.
  private(set) var newest: Int64 = 0
  /// Older ones that are still to be emitted, late.
  private(set) var late: [Int64] = []
  /// When saves came that were not superseded in the moment of their coming.
  var arrivals: [Timestamp] = []
  /// When something was emitted last, on the monotonic clock.
  var emittedAt: Duration = .zero
  /// The value that was written last.
  var head: JSON?
  /// Attempts that succeeded.
  var saves = 0
  /// Attempts that ended otherwise, and so may have written in vain.
  var failures = 0

  init(name: String, quiet: Duration, maxWait: Duration, isDated: Bool) {
    self.name = name
    self.quiet = quiet
    self.maxWait = maxWait
    self.isDated = isDated
  }

  /// What a revision says of itself.
  func value(_ revision: Int64) -> JSON {
    guard isDated else { return .integer(revision) }
    let digits = String(revision)
    return .string(String(repeating: "0", count: max(0, 9 - digits.count)) + digits)
  }

  /// Emits a newer revision, having left out `gap` others, which may come late.
  mutating func write(leavingOut gap: Int64) -> Int64 {
    late += (0..<gap).map { newest + 1 + $0 }
    newest += gap + 1
    return newest
  }

  /// Emits an older revision; nil where there is none.
  mutating func takeLate(_ chance: (Int) -> Int) -> Int64? {
    late.isEmpty ? nil : late.remove(at: chance(late.count))
  }

  /// How often it may be saved: for each time over which saves came with less than a quiet time between them,
  /// ⌈T / longest wait⌉ + 1.
  var mostSaves: Int {
    var (most, start, last) = (0, arrivals.first, arrivals.first)
    for moment in arrivals.dropFirst() {
      guard let from = start, let before = last else { break }
      if moment - before >= quiet {
        most += Self.most(over: before - from, maxWait)
        start = moment
      }
      last = moment
    }
    if let start, let last { most += Self.most(over: last - start, maxWait) }
    return most
  }

  /// True where saves came with less than a quiet time between them from the first to the last.
  var isUnbroken: Bool { zip(arrivals, arrivals.dropFirst()).allSatisfy { $1 - $0 < quiet } }

  private static func most(over length: Duration, _ maxWait: Duration) -> Int {
    Int((length.milliseconds + maxWait.milliseconds - 1) / maxWait.milliseconds) + 1
  }
}
