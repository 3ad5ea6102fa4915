internal import WorkerKit

/// The entries of one lane in the order in which they are granted: by due time, then by arrival.
///
/// An entry that was replaced, leased by adoption or removed leaves its ticket behind; whoever draws it sees that the
/// arrival number is no longer the entry's own.
struct WaitingLine: Sendable {
  struct Ticket: Sendable {
    let dueAt: Duration
    let arrival: UInt64
    let job: JobID
  }

  private var tickets: [Ticket] = []
  private var drawn = 0

  var first: Ticket? { drawn < tickets.count ? tickets[drawn] : nil }

  mutating func insert(_ ticket: Ticket) {
    var (low, high) = (drawn, tickets.count)
    while low < high {
      let middle = (low + high) / 2
      if (tickets[middle].dueAt, tickets[middle].arrival) < (ticket.dueAt, ticket.arrival) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    tickets.insert(ticket, at: low)
  }

  /// Throws out what comes first and stands for no entry any more.
  mutating func dropGone(_ waits: (Ticket) -> Bool) {
    while let first, !waits(first) { removeFirst() }
  }

  /// How many tickets are due; no more than `most` are counted.
  func due(at now: Duration, atMost most: Int, _ waits: (Ticket) -> Bool) -> Int {
    var count = 0
    for ticket in tickets[drawn...] {
      guard count < most, ticket.dueAt <= now else { break }
      if waits(ticket) { count += 1 }
    }
    return count
  }

  /// Draws so many tickets.
  mutating func take(_ count: Int, _ waits: (Ticket) -> Bool) -> [Ticket] {
    var taken: [Ticket] = []
    while taken.count < count, let next = first {
      if waits(next) { taken.append(next) }
      removeFirst()
    }
    return taken
  }

  private mutating func removeFirst() {
    drawn += 1
    // Drawn tickets are thrown out together, so that drawing costs the same however long the line is.
    if drawn > 64, drawn * 2 > tickets.count {
      tickets.removeFirst(drawn)
      drawn = 0
    }
  }
}
