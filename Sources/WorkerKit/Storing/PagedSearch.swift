/// Looks through rows that stand in an order, page by page, for those that are over.
public enum PagedSearch {
  /// The first of them, `limit` at most. `page` gives the rows that follow a place, each with whether it is over; none
  /// at the end.
  public static func first<Place>(
    _ limit: Int, after start: Place,
    _ page: (Place) throws(DriverError) -> [(place: Place, isOver: Bool)]
  ) throws(DriverError) -> [Place] {
    var (found, last) = ([Place](), start)
    while found.count < limit {
      let rows = try page(last)
      guard let end = rows.last?.place else { break }
      found += rows.filter(\.isOver).map(\.place)
      last = end
    }
    return Array(found.prefix(limit))
  }
}

extension OrderingKey {
  /// A key before all others.
  public static let beforeAll = OrderingKey(tenant: "", pipeline: "", stage: "", key: "")
}
