/// What is asked about lanes while entries come and are granted: each by an index, however many lanes are held.
enum SQLiteLaneQueries {
  static let named = SQLiteText(
    """
    SELECT lanes.id, lanes.fair_key, lanes.hold, lanes.until FROM fair_keys CROSS JOIN lanes
    WHERE fair_keys.queue = ?1 AND fair_keys.priority = ?2 AND fair_keys.name = ?3
      AND lanes.fair_key = fair_keys.id AND lanes.tenant = ?4 AND lanes.pipeline = ?5 AND lanes.stage = ?6
      AND lanes.flow = ?7
    """)

  /// Whether a fair key has something in a lane that is ready, and how it stands.
  static let activity = SQLiteText(
    """
    SELECT pass, standing,
      coalesce((SELECT served FROM priorities WHERE priorities.queue = fair_keys.queue
        AND priorities.priority = fair_keys.priority), 0),
      EXISTS (SELECT 1 FROM lanes CROSS JOIN waiting
        WHERE lanes.fair_key = fair_keys.id AND lanes.hold = 0 AND waiting.lane = lanes.id)
    FROM fair_keys WHERE id = ?1
    """)

  static let due = SQLiteText(
    "SELECT id, fair_key FROM lanes WHERE queue = ?1 AND hold = 1 AND until <= ?2 ORDER BY until LIMIT ?3")

  static let limited = SQLiteText(
    """
    SELECT lanes.id, lanes.fair_key, lanes.turn, fair_keys.pass FROM lanes CROSS JOIN fair_keys
    WHERE lanes.limit_name = ?1 AND lanes.limit_key = ?2 AND lanes.hold = 2 AND fair_keys.id = lanes.fair_key
    ORDER BY lanes.turn LIMIT ?3
    """)

  /// The fair keys whose turn is next.
  static let nextFairKeys = SQLiteText(
    """
    SELECT id, name, pass FROM fair_keys WHERE queue = ?1 AND priority = ?2 AND standing = 1
    ORDER BY pass LIMIT ?3
    """)

  /// The lanes of a fair key whose turn is next.
  static let nextLanes = SQLiteText(
    """
    SELECT id, tenant, pipeline, stage, flow FROM lanes WHERE fair_key = ?1 AND hold = 0 ORDER BY turn LIMIT ?2
    """)

  /// The oldest entries of a lane that are due.
  static let entries = SQLiteText(
    """
    SELECT job, id, fence, due_at, lease FROM waiting WHERE lane = ?1 AND due_at <= ?2 ORDER BY due_at, job LIMIT ?3
    """)

  static let nextDue = SQLiteText(
    """
    SELECT min(at) FROM (
      SELECT (SELECT until FROM lanes WHERE queue = ?1 AND hold = 1 ORDER BY until LIMIT 1) AS at
      UNION ALL SELECT (SELECT at FROM wakes ORDER BY at LIMIT 1))
    """)
}
