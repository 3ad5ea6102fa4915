/// What is asked of runs without looking through them: whether a revision has any, and which a replay has made. Rows of
/// runs are written when events are routed, so that no outcome pays for it.
enum HistoryIndexes {
  static let script = """
    CREATE INDEX runs_of_revision ON millrace.runs (revision);
    CREATE INDEX runs_of_replay ON millrace.runs (replay, number) WHERE replay IS NOT NULL;
    """
}
