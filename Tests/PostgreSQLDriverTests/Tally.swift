import Synchronization

/// Numbers that tasks and threads note, in the order in which they do.
final class Tally: Sendable {
  private let noted = Mutex<[Int]>([])

  var numbers: [Int] { noted.withLock { $0 } }

  func note(_ number: Int) { noted.withLock { $0.append(number) } }
}
