/// What is asked of the tables of turns. Who asks has the queue to itself.
extension PostgresTurns {
  /// How far the turns have come, and how often lower priorities were passed over.
  static let served = """
    SELECT high, normal, low, normal_passed, low_passed FROM queue_turns_served WHERE queue = $1
    """

  /// Has lanes be looked at again that wait for a slot where one was freed, of each key as many as are wanted, those
  /// first whose turn is next.
  static let waking = """
    WITH woken AS (
      UPDATE queue_lanes l SET is_held = false, ready_at = 0, waits_for = NULL
      FROM (
        SELECT w.id
        FROM (SELECT key FROM queue_limits WHERE queue = $1 AND freed LIMIT $2) k CROSS JOIN LATERAL (
          SELECT id FROM queue_lanes WHERE waits_for = k.key ORDER BY waits_for, pass, id LIMIT $2
        ) w
      ) s WHERE l.id = s.id RETURNING l.turn
    )
    UPDATE queue_turns t SET ready_at = 0 FROM (SELECT DISTINCT turn FROM woken) w
    WHERE t.id = w.turn AND NOT t.is_ready
    """

  static let marked = "SELECT key, most FROM queue_limits WHERE queue = $1 AND freed LIMIT $2"

  /// Turns whose time has come are ready, and begin where the others are.
  static let promoting = """
    UPDATE queue_turns t SET is_ready = true,
      pass = greatest(t.pass, coalesce((
        SELECT CASE t.priority WHEN 0 THEN s.high WHEN 1 THEN s.normal ELSE s.low END
        FROM queue_turns_served s WHERE s.queue = $2), 0))
    WHERE t.queue = $2 AND NOT t.is_ready AND t.ready_at <= (SELECT \(PostgresQueueClock.now))
    """

  /// The ready lanes of each priority whose turns are next, with how many of their entries are due, and since when the
  /// first. A turn without any comes without a lane.
  static let reading = """
    WITH moment AS MATERIALIZED (SELECT \(PostgresQueueClock.now) AS now)
    SELECT p.priority, r.turn, r.pass, r.lane, r.content, n.available, n.first_due
    FROM unnest(ARRAY[0, 1, 2]) AS p (priority)
      CROSS JOIN LATERAL (
        SELECT t.id AS turn, t.pass, l.id AS lane, l.content
        FROM queue_turns t LEFT JOIN LATERAL (
          SELECT id, content FROM queue_lanes
          WHERE turn = t.id AND ready_at <= (SELECT now FROM moment) ORDER BY ready_at LIMIT $3
        ) l ON true
        WHERE t.queue = $2 AND t.priority = p.priority AND t.is_ready ORDER BY t.pass LIMIT $3
      ) r
      CROSS JOIN LATERAL (
        SELECT count(*) AS available, min(due_at) AS first_due FROM (
          SELECT e.due_at FROM queue_entries e
          WHERE e.lane = r.lane AND e.holder IS NULL AND e.due_at <= (SELECT now FROM moment)
          ORDER BY e.due_at LIMIT $3
        ) due
      ) n
    """

  static let counting = "SELECT key, full_at, under_way FROM queue_limits WHERE key = ANY($1)"

  /// Entries that are being replaced or taken back are passed over, so that whoever leases waits for nobody's entries.
  static let taking = """
    WITH moment AS MATERIALIZED (SELECT \(PostgresQueueClock.now) AS now),
    picked AS MATERIALIZED (
      SELECT $6 + row_number() OVER () AS place, t.job, t.keys FROM (
        SELECT w.job, l.keys
        FROM unnest($2::bigint[], $3::bigint[]) AS u (lane, count) JOIN queue_lanes l ON l.id = u.lane
          CROSS JOIN LATERAL (
            SELECT e.job FROM queue_entries e
            WHERE e.lane = u.lane AND e.holder IS NULL AND e.due_at <= (SELECT now FROM moment)
            ORDER BY e.due_at, e.job LIMIT u.count FOR UPDATE OF e SKIP LOCKED
          ) w
      ) t
    )
    UPDATE queue_entries e
    SET holder = $4::text || '.' || p.place, expires_at = (SELECT now FROM moment) + coalesce(e.lease, $5),
      keys = p.keys
    FROM picked p WHERE e.job = p.job
    RETURNING e.lane, e.job, e.fence, e.lease, p.place
    """

  static let passing = """
    UPDATE queue_turns t SET pass = u.pass FROM unnest($1::bigint[], $2::bigint[]) AS u (id, pass) WHERE t.id = u.id
    """

  static let progressing = """
    INSERT INTO queue_turns_served (queue, high, normal, low, normal_passed, low_passed)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (queue) DO UPDATE SET high = excluded.high, normal = excluded.normal, low = excluded.low,
      normal_passed = excluded.normal_passed, low_passed = excluded.low_passed
    """

  static let holding = """
    UPDATE queue_lanes l SET is_held = true, ready_at = u.ready_at, waits_for = u.key, pass = u.pass
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS u (id, ready_at, key, pass) WHERE l.id = u.id
    """

  static let forgetting = """
    DELETE FROM queue_lanes l WHERE l.id = ANY($1)
      AND NOT EXISTS (SELECT FROM queue_entries e WHERE e.lane = l.id AND e.holder IS NULL)
    """

  static let puttingOff = """
    UPDATE queue_lanes l SET is_held = false, ready_at = (
      SELECT e.due_at FROM queue_entries e WHERE e.lane = l.id AND e.holder IS NULL ORDER BY e.due_at LIMIT 1)
    WHERE l.id = ANY($1)
    """

  /// Turns are ready while a lane is, or when the first will be.
  static let resting = """
    UPDATE queue_turns t SET ready_at = n.ready_at, is_ready = coalesce(n.ready_at <= m.now, false)
    FROM (SELECT \(PostgresQueueClock.now) AS now) m
      CROSS JOIN unnest($2::bigint[]) AS u (id) CROSS JOIN LATERAL (
        SELECT (
          SELECT l.ready_at FROM queue_lanes l WHERE l.turn = u.id AND l.ready_at IS NOT NULL
          ORDER BY l.ready_at LIMIT 1
        ) AS ready_at
      ) n WHERE t.id = u.id
    """

  /// Turns without lanes are forgotten where they are owed nothing, and owe nothing.
  static let leaving = """
    DELETE FROM queue_turns t WHERE t.id = ANY($1) AND \(isOver)
      AND t.pass <= \(servedOfPriority(of: "$2"))
    """

  /// Of each key how much is taken, and whether a slot is free that a lane waits for. What was freed meanwhile by who
  /// does not have the queue to itself counts: the row tells.
  static let limiting = """
    INSERT INTO queue_limits AS k (key, queue, under_way, full_at, most, waited, freed)
    SELECT u.key, $1, u.taken, u.full_at, u.most, w.waited, w.waited AND coalesce(u.taken < u.most, true)
    FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS u (key, taken, full_at, most)
      CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM queue_lanes l WHERE l.waits_for = u.key) AS waited) w
    ON CONFLICT (key) DO UPDATE
      SET under_way = k.under_way + excluded.under_way,
        full_at = CASE excluded.full_at WHEN 0 THEN k.full_at ELSE excluded.full_at END,
        most = excluded.most, waited = excluded.waited,
        freed = excluded.waited AND coalesce(k.under_way + excluded.under_way < excluded.most, true)
    """

  static let awaiting = """
    INSERT INTO queue_awaited AS a (queue, until_at) VALUES ($2, \(PostgresQueueClock.now) + $3)
    ON CONFLICT (queue) DO UPDATE SET until_at = excluded.until_at WHERE a.until_at < excluded.until_at
    """

  /// How long until something may be granted: not at all where something is ready, or a slot was freed.
  static let next = """
    SELECT CASE WHEN EXISTS (SELECT FROM queue_turns WHERE queue = $2 AND is_ready)
      OR EXISTS (SELECT FROM queue_limits WHERE queue = $2 AND freed) THEN 0::bigint
      ELSE (
        SELECT ready_at FROM queue_turns WHERE queue = $2 AND NOT is_ready AND ready_at IS NOT NULL
        ORDER BY ready_at LIMIT 1
      ) - \(PostgresQueueClock.now) END
    """

  static let sweepingKeys = """
    DELETE FROM queue_limits
    WHERE queue = $2 AND under_way = 0 AND NOT waited AND full_at <= \(PostgresQueueClock.now) * 1000
    """

  static let sweepingTurns = """
    DELETE FROM queue_turns t WHERE t.queue = $1 AND NOT t.is_ready AND t.ready_at IS NULL AND \(isOver)
      AND t.pass <= \(servedOfPriority(of: "$1"))
    """

  private static let isOver = """
    NOT t.is_ready AND t.ready_at IS NULL AND NOT EXISTS (SELECT FROM queue_lanes l WHERE l.turn = t.id)
    """

  private static func servedOfPriority(of queue: String) -> String {
    """
    coalesce((
      SELECT CASE t.priority WHEN 0 THEN s.high WHEN 1 THEN s.normal ELSE s.low END
      FROM queue_turns_served s WHERE s.queue = \(queue)), 0)
    """
  }
}
