import WorkerKit

/// What a few jobs have beside the common columns, in one column that is NULL for all others.
struct SQLiteJobPolicy {
  var priority = Priority.normal
  var lease: Duration?
  var ordering: JobOrdering?

  init(_ new: NewJob) { (priority, lease, ordering) = (new.priority, new.lease, new.ordering) }

  /// Reads what `value` wrote; NULL is a job like most.
  init(_ json: JSON?) {
    guard case .object(let object)? = json else { return }
    if case .string(let word)? = object["priority"] { priority = Priority(rawValue: word) ?? .normal }
    if case .integer(let milliseconds)? = object["lease"] { lease = .milliseconds(milliseconds) }
    ordering = object["ordering"].flatMap { JobOrdering(json: $0) }
  }

  var value: SQLiteValue {
    guard priority != .normal || lease != nil || ordering != nil else { return .null }
    var object: [String: JSON] = [:]
    if priority != .normal { object["priority"] = .string(priority.rawValue) }
    object["lease"] = lease.map { .integer($0.milliseconds) }
    object["ordering"] = ordering?.json
    return .json(.object(object))
  }
}
