import WorkerKit

/// A page of jobs as `JobFilter` describes it, newest first, for which a bounded number of rows is looked at. Dead
/// letters are read by way of their own small table.
struct PostgresJobPages {
  let transaction: PostgresTransaction
  let filter: JobFilter
  /// The number of the job that the page begins behind.
  let before: Int64?

  /// The most rows of a table that one page looks at.
  static let mostRows = 10_000

  /// Where jobs are found: a table, and the columns that a page reads of it.
  private enum Place {
    case live, ended, dead

    var columns: String { self == .live ? PostgresJobRows.liveColumns : PostgresJobRows.endedColumns }

    /// The rows that are looked at, as `j`, newest first; `bound` is an upper bound of their numbers.
    func lookedAt(_ columns: String, below bound: String?) -> String {
      let (table, number) =
        switch self {
        case .live: ("live", "number")
        case .ended: ("jobs", "number")
        case .dead: ("dead JOIN jobs ON jobs.number = dead.job", "dead.job")
        }
      let condition = bound.map { " WHERE \(number) < \($0)" } ?? ""
      return "(SELECT \(columns) FROM \(table)\(condition) ORDER BY \(number) DESC LIMIT \(mostRows)) j"
    }
  }

  func page() throws(DriverError) -> FoundJobs {
    let places = places
    guard !places.isEmpty else { return FoundJobs(jobs: [], next: nil) }
    let found = try transaction.rows(call(places)).map { row throws(DriverError) in
      (number: row.integer(0), job: try PostgresJobRows.job(row))
    }
    let isFull = found.count == filter.limit
    // Of one table, or where every row is meant, nothing was passed over above the last that was found.
    if isFull, places.count == 1 || common.isEmpty {
      return FoundJobs(jobs: found.map(\.job), next: found.last?.job.id)
    }
    guard let end = try endOfRows(places) else {
      return FoundJobs(jobs: found.map(\.job), next: isFull ? found.last?.job.id : nil)
    }
    // What one table has below the rows of the other that were looked at belongs to a later page.
    let above = found.filter { $0.number >= end.number }.map(\.job)
    return FoundJobs(jobs: above, next: above.count == filter.limit ? above.last?.id : end.job)
  }

  /// Where jobs in the states that are asked for stand.
  private var places: [Place] {
    let states = filter.states
    var places: [Place] = []
    // Nothing that lives has ended.
    let mayLive = filter.endedFrom == nil && filter.endedBefore == nil
    if mayLive, states.isEmpty || states.contains(where: \.isLive) { places.append(.live) }
    guard states.isEmpty || states.contains(where: { !$0.isLive }) else { return places }
    places.append(!states.isEmpty && states.allSatisfy(\.isDead) ? .dead : .ended)
    return places
  }

  private func call(_ places: [Place]) -> PostgresCall {
    var conditions = common
    let limit = conditions.place(of: .integer(Int64(filter.limit)))
    let bound = before.map { conditions.place(of: .integer($0)) }
    var parts: [String] = []
    for place in places {
      if place != .live {
        conditions.add("j.finished_at >=", .moment(filter.endedFrom))
        conditions.add("j.finished_at <", .moment(filter.endedBefore))
      }
      let rows = place.lookedAt(place == .dead ? "jobs.*" : "*", below: bound)
      parts.append(
        """
        (SELECT \(place.columns) FROM \(rows) JOIN kinds k ON k.id = j.kind\(conditions.text)
        ORDER BY j.number DESC LIMIT \(limit))
        """)
    }
    let all = parts.joined(separator: " UNION ALL ")
    return ("SELECT * FROM (\(all)) AS page ORDER BY 1 DESC LIMIT \(limit)", conditions.values)
  }

  /// The oldest row down to which every table was looked at; nil where all were looked at to their end.
  private func endOfRows(_ places: [Place]) throws(DriverError) -> (number: Int64, job: JobID)? {
    var end: (number: Int64, job: JobID)?
    for place in places {
      let columns = place == .dead ? "jobs.number, jobs.id" : "number, id"
      let rows = place.lookedAt(columns, below: before == nil ? nil : "$1")
      let row = try transaction.rows(
        "SELECT number, id FROM \(rows) OFFSET \(Self.mostRows - 1)", before.map { [.integer($0)] } ?? []
      ).first
      guard let row, row.integer(0) > end?.number ?? -1 else { continue }
      end = (row.integer(0), JobID(row.text(1)))
    }
    return end
  }

  /// What has to hold of a job wherever it stands.
  private var common: PostgresConditions {
    var conditions = PostgresConditions()
    // Words of an enumeration, not values from outside.
    let states = filter.states.map { String($0.stored) }.sorted()
    if !states.isEmpty { conditions.add("j.state IN (\(states.joined(separator: ", ")))") }
    conditions.add("j.tenant =", .optional(filter.tenant?.rawValue))
    conditions.add("k.pipeline =", .optional(filter.pipeline?.rawValue))
    conditions.add("k.stage =", .optional(filter.stage?.rawValue))
    conditions.add("k.worker =", .optional(filter.worker?.rawValue))
    conditions.add("k.worker =", .optional(filter.fingerprint?.worker.rawValue))
    // A job that is to be tried again has its last failure too.
    conditions.add("j.cause =", filter.fingerprint.map { .bytes(Array($0.cause.utf8)) } ?? .null)
    return conditions
  }
}
