/// Which events a page shall hold.
public struct EventFilter: Sendable, Hashable {
  /// Only events of this type.
  public var type: String?
  public var tenant: TenantID?
  /// Only events that were recorded then or later.
  public var from: Timestamp?
  /// Only events that were recorded before.
  public var until: Timestamp?
  /// Where the page before ended: `EventPage.next`.
  public var cursor: Int64?
  /// True for the oldest first, in the order of acceptance; otherwise the newest come first.
  public var isOldestFirst: Bool
  /// The most events wanted; 1 to 1,000.
  public var limit: Int

  /// Describes a page; `limit` is brought into 1 … 1,000.
  public init(
    type: String? = nil, tenant: TenantID? = nil, from: Timestamp? = nil, until: Timestamp? = nil,
    cursor: Int64? = nil, isOldestFirst: Bool = false, limit: Int = 100
  ) {
    self.type = type
    self.tenant = tenant
    self.from = from
    self.until = until
    self.cursor = cursor
    self.isOldestFirst = isOldestFirst
    self.limit = min(max(1, limit), 1000)
  }

  /// Whether an event is one of those that the filter names; its page is another matter.
  public func admits(_ event: EventRecord) -> Bool {
    (type.map { event.envelope.type == $0 } ?? true) && (tenant.map { event.envelope.tenant == $0 } ?? true)
      && (from.map { event.recordedAt >= $0 } ?? true) && (until.map { event.recordedAt < $0 } ?? true)
  }
}

/// A page of events, and where the next one begins.
public struct EventPage: Sendable, Hashable {
  public let events: [EventRecord]
  /// The cursor of the next page; nil where there is none. A page may hold fewer events than were asked for, even
  /// none, and still have a next one: a store looks through a bounded number of events at a time.
  public let next: Int64?

  /// Describes a page.
  public init(events: [EventRecord], next: Int64?) {
    self.events = events
    self.next = next
  }
}
