import WorkerKit

/// How partitions come and go in the hands of a role that does not own the tables: functions with their owner's rights,
/// which do this and nothing else. They find nothing by the caller's search path.
enum PartitionFunctions {
  static let script = making + "\n" + renewing

  private static let making = """
    CREATE FUNCTION millrace.make_partitions(first bigint, beyond bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $make$
    DECLARE
      known record;
    BEGIN
      FOR known IN SELECT * FROM (VALUES \(made)) AS t (name, numbers) LOOP
        EXECUTE format('CREATE TABLE millrace.%I PARTITION OF millrace.%I FOR VALUES FROM (%s) TO (%s)',
          known.name || '_from_' || make_partitions.first, known.name, make_partitions.first * known.numbers,
          make_partitions.beyond * known.numbers);
      END LOOP;
    END
    $make$;
    REVOKE ALL ON FUNCTION millrace.make_partitions FROM PUBLIC;
    """

  /// Clears tables of a range that is known, all but the rows of some runs.
  private static let renewing = """
    CREATE FUNCTION millrace.clear_partitions(first bigint, keeping bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $clear$
    DECLARE
      known record;
      span millrace.partitions;
      place text;
      numbers bigint;
    BEGIN
      SELECT p.* INTO STRICT span FROM millrace.partitions p WHERE p.first = clear_partitions.first;
      FOR known IN SELECT * FROM (VALUES \(cleared)) AS t (name, key, run_numbers) LOOP
        place := known.name || '_from_' || span.first;
        numbers := known.run_numbers * \(RowNumbers.runsOfEvent);
        EXECUTE format('ALTER TABLE millrace.%I DETACH PARTITION millrace.%I', known.name, place);
        EXECUTE format('ALTER TABLE millrace.%I RENAME TO %I', place, place || '_old');
        EXECUTE format('CREATE TABLE millrace.%I PARTITION OF millrace.%I FOR VALUES FROM (%s) TO (%s)',
          place, known.name, span.first * numbers, span.beyond * numbers);
        EXECUTE format('INSERT INTO millrace.%I SELECT p.* FROM unnest($1) AS u (run) JOIN millrace.%I p '
          'ON p.%I >= u.run * %s AND p.%3$I < (u.run + 1) * %4$s',
          place, place || '_old', known.key, known.run_numbers) USING clear_partitions.keeping;
        EXECUTE format('DROP TABLE millrace.%I', place || '_old');
      END LOOP;
    END
    $clear$;
    REVOKE ALL ON FUNCTION millrace.clear_partitions FROM PUBLIC;
    """

  private static let made = PostgresPartitions.tables.map { "('\($0.name)', \($0.numbers)::bigint)" }
    .joined(separator: ", ")
  /// Tables whose rows leave together, and the column that tells whose a row is, in runs or in jobs.
  private static let cleared = """
    ('runs', 'number', 1::bigint), ('run_standings', 'run', 1::bigint),
        ('jobs', 'number', \(RowNumbers.jobsOfRun)::bigint), ('attempts', 'job', \(RowNumbers.jobsOfRun)::bigint)
    """
}
