import WorkerKit

/// What is open on a server.
struct RedisRegistry: Sendable {
  /// Nil where nothing was opened, or all was lost.
  let epoch: Epoch?
  /// False where what is open was opened in another incarnation of the server, or nothing is.
  let isOpen: Bool
  /// Every queue that was used, in the order of names.
  let queues: [QueueName]

  init(open: [RedisReply], queues: [RedisReply], session: RedisSession) {
    epoch = open.first.flatMap { $0 == .null ? nil : Epoch(rawValue: $0.integer) }
    isOpen = epoch != nil && open.last?.text == session.incarnation
    self.queues = queues.map { QueueName($0.text) }.sorted()
  }
}

/// In which epoch a queue is, and should be.
struct RedisStanding: Sendable {
  /// The epoch in which it was opened last, as was noted beside all queues; nil where nobody has.
  private let noted: Epoch?
  /// The epoch that it is in, of this incarnation of its server; nil where it is not there, 0 where it is of another.
  private let epoch: Epoch?

  init(mark: RedisReply, meta: [RedisReply], session: RedisSession) {
    noted = mark == .null ? nil : Epoch(rawValue: mark.integer)
    guard meta.count == 2, meta[0] != .null else {
      epoch = nil
      return
    }
    epoch = Epoch(rawValue: meta[1].text == session.incarnation ? meta[0].integer : 0)
  }

  /// True where it is in this epoch, or nobody has opened it yet.
  func isOpen(in epoch: Epoch) -> Bool { self.epoch.map { $0 == epoch } ?? (noted != epoch) }

  /// True where it was opened in this epoch, and is not there.
  func isLost(in epoch: Epoch) -> Bool { self.epoch == nil && noted == epoch }
}
