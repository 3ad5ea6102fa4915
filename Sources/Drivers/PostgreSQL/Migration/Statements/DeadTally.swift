/// How many dead letters there are, kept as changes that add up: one counter would have all that end jobs wait for each
/// other. Pruning puts them together.
enum DeadTally {
  /// Its table, and what notes each change; a statement that ends no job for good costs nothing.
  static let script = """
    CREATE TABLE millrace.dead_changes (change bigint NOT NULL);
    CREATE FUNCTION millrace.note_dead() RETURNS trigger LANGUAGE plpgsql AS $note$
    BEGIN
      INSERT INTO millrace.dead_changes
      SELECT CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END FROM changed HAVING count(*) > 0;
      RETURN NULL;
    END
    $note$;
    CREATE TRIGGER note_new AFTER INSERT ON millrace.dead REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION millrace.note_dead();
    CREATE TRIGGER note_gone AFTER DELETE ON millrace.dead REFERENCING OLD TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION millrace.note_dead();
    INSERT INTO millrace.dead_changes SELECT count(*) FROM millrace.dead;
    """

  static let count = "SELECT coalesce(sum(change), 0)::bigint FROM dead_changes"

  /// Puts all changes into one; of two who do so at once the second finds nothing of what the first took.
  static let folding = """
    WITH taken AS (
      DELETE FROM dead_changes WHERE (SELECT count(*) FROM (SELECT 1 FROM dead_changes LIMIT 2) AS two) = 2
      RETURNING change
    )
    INSERT INTO dead_changes SELECT sum(change) FROM taken HAVING sum(change) IS NOT NULL
    """
}
