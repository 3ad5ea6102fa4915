import WorkerKit

extension Problem {
  /// What a store's or queue's error means to whoever asked. The driver's own words stay in the log.
  init(_ error: DriverError) {
    switch error.kind {
    case .unavailable, .closed:
      self.init(503, "store_unavailable", "The store does not answer now; try again.")
      headers[.retryAfter] = "1"
    case .full:
      self.init(
        507, "storage_full", "There is no room to store this; nothing of it was kept. Make room in the data folder.")
      headers[.retryAfter] = "60"
    case .refused:
      self.init(422, "not_storable", "The request holds something that cannot be stored; nothing of it was kept.")
    case .damaged:
      self.init(500, "store_damaged", "What is stored cannot be read; a person must look at the server's log.")
    }
  }

  /// Why a body is not JSON, and where.
  init(_ error: JSONError) {
    self.init(
      400, "invalid_json", "The body is not JSON: line \(error.line), column \(error.column): \(error.message).")
    members["line"] = .integer(Int64(error.line))
    members["column"] = .integer(Int64(error.column))
  }

  /// A resource that is not there.
  static func missing(_ what: String) -> Problem { Problem(404, "not_found", "There is no such \(what).") }

  /// A route that is not there.
  static let noRoute = Problem(404, "no_route", "There is nothing at this address.")

  /// A route that does not take the method.
  static func wrongMethod(allowed: [String]) -> Problem {
    let list = allowed.joined(separator: ", ")
    var problem = Problem(405, "method_not_allowed", "This address takes \(list) only.")
    problem.headers[.allow] = list
    return problem
  }

  /// A body that is larger than the route takes.
  static func tooLarge(limit: Int) -> Problem {
    Problem(413, "body_too_large", "A body has at most \(limit) bytes; send less at a time.")
  }

  /// Anything that nobody foresaw.
  static let unforeseen = Problem(500, "internal_error", "The server failed; its log says why.")
}
