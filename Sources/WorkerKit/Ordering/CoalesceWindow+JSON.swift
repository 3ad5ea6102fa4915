extension CoalesceWindow {
  /// The window as stores keep it.
  public var json: JSON {
    var object: [String: JSON] = [
      "due_at": .integer(dueAt.milliseconds), "latest_at": .integer(latestAt.milliseconds),
    ]
    object["waiting"] = waiting.map(Self.json)
    object["running"] = running.map(Self.json)
    object["done"] = done
    return .object(object)
  }

  /// Reads back what `json` wrote; nil where the value is something else.
  public init?(json: JSON) {
    guard case .object(let object) = json, case .integer(let due)? = object["due_at"],
      case .integer(let latest)? = object["latest_at"]
    else { return nil }
    (dueAt, latestAt) = (Timestamp(milliseconds: due), Timestamp(milliseconds: latest))
    waiting = object["waiting"].flatMap(Self.member)
    running = object["running"].flatMap(Self.member)
    done = object["done"]
  }

  private static func json(_ member: Member) -> JSON {
    var object: [String: JSON] = ["job": .string(member.job.rawValue)]
    object["value"] = member.value
    return .object(object)
  }

  private static func member(_ json: JSON) -> Member? {
    guard case .string(let job)? = json["job"] else { return nil }
    return Member(job: JobID(job), value: json["value"])
  }
}
