internal import Crypto
import WorkerKit

/// A lane of one priority of a queue, and the numbers by which the tables know it: hashes of the content, so that they
/// mean the same in every process and need not be asked for.
struct PostgresLane: Hashable {
  let queue: QueueName
  let priority: Priority
  let lane: Lane

  init(_ entry: QueueEntry) {
    (queue, priority, lane) = (entry.queue, entry.priority, entry.lane)
  }

  /// The lane's number.
  var id: Int64 { Self.number(["\(priority.rank)", queue.rawValue, String(decoding: content, as: UTF8.self)]) }

  /// The number of its fair key in this priority.
  var turn: Int64 { Self.turn(of: lane.fairKey, priority, queue) }

  /// The numbers of the keys of its limits, each once; a limit is a queue's own.
  var keys: [Int64] { Set(lane.limits.map { Self.key($0, of: queue) }).sorted() }

  /// The lane as the tables keep it.
  var content: [UInt8] {
    var members: [String: JSON] = [
      "tenant": .string(lane.tenant.rawValue), "pipeline": .string(lane.pipeline.rawValue),
      "stage": .string(lane.stage.rawValue), "by": .string(lane.fairKey),
    ]
    if lane.weight != 1 { members["weight"] = .integer(Int64(lane.weight)) }
    if !lane.limits.isEmpty {
      members["limits"] = .array(lane.limits.map { [.string($0.limit.rawValue), .string($0.key)] })
    }
    return JSON.object(members).bytes()
  }

  /// Reads back what `content` wrote.
  static func lane(_ content: [UInt8]) throws(DriverError) -> Lane {
    let json = try JSON(stored: content)
    var flow = JobFlow(fairKey: json["by"]?.words)
    if case .integer(let weight)? = json["weight"] { flow.weight = Int(weight) }
    if case .array(let limits)? = json["limits"] {
      flow.limits = limits.compactMap { item in
        guard case .array(let parts) = item, parts.count == 2 else { return nil }
        return LimitKey(LimitName(parts[0].words ?? ""), parts[1].words ?? "")
      }
    }
    return Lane(
      tenant: TenantID(json["tenant"]?.words ?? ""), pipeline: PipelineName(json["pipeline"]?.words ?? ""),
      stage: StageName(json["stage"]?.words ?? ""), flow: flow)
  }

  static func turn(of fairKey: String, _ priority: Priority, _ queue: QueueName) -> Int64 {
    number(["turn", "\(priority.rank)", queue.rawValue, fairKey])
  }

  static func key(_ key: LimitKey, of queue: QueueName) -> Int64 {
    number(["key", queue.rawValue, key.limit.rawValue, key.key])
  }

  /// The place of a queue's lock. Two queues of one place wait for each other, which does no harm.
  static func place(of queue: QueueName) -> Int64 {
    Int64(UInt64(bitPattern: number([queue.rawValue])) % 0x7FFF_FFFE) + 1
  }

  private static func number(_ parts: [String]) -> Int64 {
    let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
    return SHA256.hash(data: Array(text.utf8)).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
  }
}

/// The lanes that a push brings something for, each with when the first of it is due.
struct PostgresLanes {
  private var rows: [PostgresLane: (id: Int64, delay: Int64)] = [:]

  init(_ entries: [QueueEntry]) {
    for entry in entries {
      let (lane, delay) = (PostgresLane(entry), entry.storedDelay)
      rows[lane] = (rows[lane]?.id ?? lane.id, min(rows[lane]?.delay ?? .max, delay))
    }
  }

  /// The number of an entry's lane.
  func id(of entry: QueueEntry) -> Int64? { rows[PostgresLane(entry)]?.id }

  /// Writes down lanes and turns that are new, and that something of the others is due sooner than was known. Both by
  /// their numbers, so that two pushes do not wait for each other crosswise.
  func calls(_ clock: PostgresQueueClock) -> [PostgresCall] {
    let lanes = rows.sorted { $0.value.id < $1.value.id }
    let ids = PostgresValue.integers(lanes.map(\.value.id))
    let delays = PostgresValue.integers(lanes.map(\.value.delay))
    var turns: [Int64: (lane: PostgresLane, delay: Int64)] = [:]
    let turnsOfLanes = lanes.map(\.key.turn)
    for (turn, row) in zip(turnsOfLanes, lanes) {
      turns[turn] = (row.key, min(turns[turn]?.delay ?? .max, row.value.delay))
    }
    let sorted = turns.sorted { $0.key < $1.key }
    let later: [PostgresValue] = [
      clock.parameter, .integers(sorted.map(\.key)), .integers(sorted.map(\.value.delay)),
    ]
    return [
      (
        Self.newTurns,
        later + [
          .texts(sorted.map(\.value.lane.queue.rawValue)), .integers(sorted.map { Int64($0.value.lane.priority.rank) }),
        ]
      ), (Self.readyTurns, later),
      (
        Self.newLanes,
        [
          clock.parameter, ids, delays, .integers(turnsOfLanes), .byteRows(lanes.map(\.key.content)),
          .texts(
            lanes.map { lane in
              lane.key.keys.isEmpty ? nil : "{\(lane.key.keys.map(String.init).joined(separator: ","))}"
            }),
        ]
      ), (Self.readyLanes, [clock.parameter, ids, delays]),
    ]
  }

  static let newTurns = """
    INSERT INTO queue_turns (id, queue, priority, pass, is_ready, ready_at)
    SELECT u.id, u.queue, u.priority, 0, false, t.now + u.delay
    FROM (SELECT \(PostgresQueueClock.now) AS now) t
      CROSS JOIN unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[]) AS u (id, delay, queue, priority)
    ON CONFLICT DO NOTHING
    """

  static let readyTurns = """
    UPDATE queue_turns q SET ready_at = t.now + u.delay
    FROM (SELECT \(PostgresQueueClock.now) AS now) t CROSS JOIN unnest($2::bigint[], $3::bigint[]) AS u (id, delay)
    WHERE q.id = u.id AND NOT q.is_ready AND coalesce(q.ready_at > t.now + u.delay, true)
    """

  static let newLanes = """
    INSERT INTO queue_lanes (id, turn, content, keys, is_held, ready_at, pass)
    SELECT u.id, u.turn, u.content, u.keys::bigint[], false, t.now + u.delay, 0
    FROM (SELECT \(PostgresQueueClock.now) AS now) t
      CROSS JOIN unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::text[])
        AS u (id, delay, turn, content, keys)
    ON CONFLICT DO NOTHING
    """

  static let readyLanes = """
    UPDATE queue_lanes l SET ready_at = t.now + u.delay
    FROM (SELECT \(PostgresQueueClock.now) AS now) t CROSS JOIN unnest($2::bigint[], $3::bigint[]) AS u (id, delay)
    WHERE l.id = u.id AND NOT l.is_held AND coalesce(l.ready_at > t.now + u.delay, true)
    """
}

extension QueueEntry {
  /// The delay in milliseconds: none below zero, and none so long that it cannot be added to a time.
  var storedDelay: Int64 { max(0, min(delay.milliseconds, 1 << 50)) }
}

extension JSON {
  /// A text's words; nil for anything else.
  var words: String? { if case .string(let text) = self { text } else { nil } }
}
