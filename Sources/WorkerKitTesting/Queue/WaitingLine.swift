internal import WorkerKit

/// The entries of one queue in the order in which they are granted: by due time, then by arrival.
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

  mutating func removeFirst() {
    drawn += 1
    // Drawn tickets are thrown out together, so that drawing costs the same however long the line is.
    if drawn > 64, drawn * 2 > tickets.count {
      tickets.removeFirst(drawn)
      drawn = 0
    }
  }
}
