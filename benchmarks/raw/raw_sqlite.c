/* The writes of the no-op drain by sqlite3 alone, in one thread: what the embedded store cannot be faster than.
 *
 * The tables and indices are taken from a database that the drain has written, so that both write the same. The batches
 * are those of the drain: events in arrays, routing and settling in transactions of up to 500.
 *
 * usage: raw_sqlite SCHEMA.db NEW.db JOBS PAYLOAD_BYTES RECORD_BATCH
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 500

static sqlite3 *db;
static long jobs;

static void check(int result, int wanted) {
  if (result == wanted) return;
  fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db));
  exit(1);
}

static void run(const char *sql) { check(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK); }

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement;
  check(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
  return statement;
}

static void text(sqlite3_stmt *s, int at, const char *value) { sqlite3_bind_text(s, at, value, -1, SQLITE_TRANSIENT); }

static void step(sqlite3_stmt *s) {
  check(sqlite3_step(s), SQLITE_DONE);
  sqlite3_reset(s);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static const char *id(const char *prefix, long number) {
  static char texts[4][32];
  static int next;
  char *t = texts[next++ % 4];
  snprintf(t, 32, "%s%024ld", prefix, number);
  return t;
}

/* Copies the tables and indices of another database. */
static void copy_schema(const char *path) {
  sqlite3_stmt *attach = prepare("ATTACH ?1 AS model");
  text(attach, 1, path);
  step(attach);
  sqlite3_finalize(attach);
  char *all = calloc(1, 1 << 16);
  sqlite3_stmt *s = prepare("SELECT sql FROM model.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'");
  while (sqlite3_step(s) == SQLITE_ROW) {
    strcat(all, (const char *)sqlite3_column_text(s, 0));
    strcat(all, ";");
  }
  sqlite3_finalize(s);
  run("DETACH model");
  run(all);
  free(all);
}

/* A job's row holds its run's number, and a run's its event's: see SQLiteNumbers. */
static sqlite3_int64 run_row(long number) { return (sqlite3_int64)(number + 1) << 10; }
static sqlite3_int64 job_row(long number) { return run_row(number) << 17; }

static const char *job_id(long number) {
  static char texts[4][40];
  static int next;
  char *t = texts[next++ % 4];
  snprintf(t, 40, "%s-work", id("RU", number));
  return t;
}

static void record(int payload, int batch) {
  char *envelope = malloc(payload + 256);
  memset(envelope, 'x', payload + 170); /* the payload and the fields around it */
  sqlite3_stmt *last = prepare("SELECT max(sequence) FROM events");
  sqlite3_stmt *s = prepare("INSERT INTO events (sequence, id, tenant, source, recorded_at, envelope) VALUES (?1, ?2, 'bench', 'api', ?3, ?4) ON CONFLICT DO NOTHING");
  for (long i = 0; i < jobs; i++) {
    if (i % batch == 0) {
      run("BEGIN IMMEDIATE");
      sqlite3_step(last);
      sqlite3_reset(last);
    }
    sqlite3_bind_int64(s, 1, i + 1);
    text(s, 2, id("EV", i));
    sqlite3_bind_int64(s, 3, 1700000000000 + i);
    sqlite3_bind_blob(s, 4, envelope, payload + 170, SQLITE_STATIC);
    step(s);
    if (i % batch == batch - 1 || i == jobs - 1) run("COMMIT");
  }
  sqlite3_finalize(last);
  sqlite3_finalize(s);
  free(envelope);
}

/* Reads a batch of events, and keeps what would be planned of them. */
static void route(int payload) {
  char *input = malloc(payload + 64), *revision = malloc(65);
  memset(input, 'x', payload + 11);
  memset(revision, 'a', 64);
  revision[64] = 0;
  sqlite3_stmt *read = prepare("SELECT sequence, envelope FROM events WHERE sequence > ?1 ORDER BY sequence LIMIT 500");
  sqlite3_stmt *bound = prepare("UPDATE meta SET value = ?1 WHERE key = 'routed'");
  sqlite3_stmt *routing = prepare("INSERT INTO routings (first, last, at) VALUES (?1, ?2, ?3)");
  sqlite3_stmt *run_insert = prepare("INSERT INTO runs (sequence, id, tenant, pipeline, revision, created_at, state, finished_at) VALUES (?1, ?2, 'bench', 'noop', ?3, ?4, 0, ?4)");
  sqlite3_stmt *job = prepare(
      "INSERT INTO jobs (sequence, stage, worker, queue, priority, created_at, state, fence, attempts, losses, due_at, entry_due, input)"
      " VALUES (?1, 'work', 'bench.noop', 'default', 1, ?2, 'QUEUED', 1, 0, 0, ?2, ?2, ?3) ON CONFLICT DO NOTHING");
  sqlite3_stmt *entry = prepare("INSERT INTO waiting (lane, due_at, job, id, fence) VALUES (1, ?1, ?2, ?3, 1)");
  for (long start = 0; start < jobs; start += BATCH) {
    long end = start + BATCH < jobs ? start + BATCH : jobs;
    sqlite3_bind_int64(read, 1, start);
    while (sqlite3_step(read) == SQLITE_ROW) sqlite3_column_blob(read, 1);
    sqlite3_reset(read);
    run("BEGIN IMMEDIATE");
    sqlite3_int64 at = 1700000000000 + start;
    sqlite3_bind_int64(bound, 1, end);
    step(bound);
    sqlite3_bind_int64(routing, 1, start + 1);
    sqlite3_bind_int64(routing, 2, end);
    sqlite3_bind_int64(routing, 3, at);
    step(routing);
    for (long i = start; i < end; i++) {
      sqlite3_bind_int64(run_insert, 1, run_row(i));
      text(run_insert, 2, id("RU", i));
      text(run_insert, 3, revision);
      sqlite3_bind_int64(run_insert, 4, at);
      step(run_insert);
      sqlite3_bind_int64(job, 1, job_row(i));
      sqlite3_bind_int64(job, 2, at);
      sqlite3_bind_blob(job, 3, input, payload + 11, SQLITE_STATIC);
      step(job);
    }
    for (long i = start; i < end; i++) {
      sqlite3_bind_int64(entry, 1, at);
      sqlite3_bind_int64(entry, 2, job_row(i));
      text(entry, 3, job_id(i));
      step(entry);
    }
    run("COMMIT");
  }
  free(input);
  free(revision);
}

/* Leases a batch, reads it, settles it: three transactions in all for each batch, of which one only reads. */
static void settle(void) {
  sqlite3_stmt *ready = prepare("SELECT job, id, fence, due_at FROM waiting WHERE lane = 1 AND due_at <= ?1 ORDER BY due_at, job LIMIT 500");
  sqlite3_stmt *take = prepare("DELETE FROM waiting WHERE lane = 1 AND (due_at, job) <= (?1, ?2)");
  sqlite3_stmt *lease = prepare("INSERT INTO leases (job, id, fence, queue, holder, expires_at) VALUES (?1, ?2, 1, 'default', ?3, ?4)");
  const char *found =
      " FROM runs CROSS JOIN jobs ON jobs.sequence BETWEEN runs.sequence * 131072 AND runs.sequence * 131072 + 15"
      " LEFT JOIN ends ON ends.job = jobs.sequence WHERE runs.id = ?1 AND jobs.stage = 'work' AND jobs.name IS NULL";
  char query[600];
  snprintf(query, sizeof query, "SELECT *%s", found);
  sqlite3_stmt *load = prepare(query);
  snprintf(query, sizeof query,
           "SELECT jobs.sequence, jobs.queue, jobs.state, jobs.fence, jobs.holder, ends.state, NOT EXISTS ("
           "SELECT 1 FROM jobs AS other WHERE other.sequence > jobs.sequence"
           " AND other.sequence < (runs.sequence + 1) * 131072)%s", found);
  sqlite3_stmt *standing = prepare(query);
  sqlite3_stmt *ended = prepare("INSERT INTO ends (job, state, holder, attempts, host, started_at, finished_at, output) VALUES (?1, 'SUCCEEDED', ?2, 1, 'bench', ?3, ?3, '{}')");
  sqlite3_stmt *run_change = prepare("UPDATE runs SET state = 1, finished_at = ?2 WHERE sequence = ?1 AND state <> 1");
  sqlite3_stmt *finish = prepare("DELETE FROM leases WHERE job = ?1");
  sqlite3_int64 arrivals[BATCH], at = 1700000100000 + jobs;
  for (long done = 0; done < jobs;) {
    int count = 0;
    sqlite3_int64 due = 0;
    run("BEGIN IMMEDIATE");
    sqlite3_bind_int64(ready, 1, at);
    while (sqlite3_step(ready) == SQLITE_ROW) {
      arrivals[count++] = sqlite3_column_int64(ready, 0);
      due = sqlite3_column_int64(ready, 3);
    }
    sqlite3_reset(ready);
    if (count == 0) check(SQLITE_ERROR, SQLITE_DONE);
    sqlite3_bind_int64(take, 1, due);
    sqlite3_bind_int64(take, 2, arrivals[count - 1]);
    step(take);
    for (int i = 0; i < count; i++) {
      sqlite3_bind_int64(lease, 1, arrivals[i]);
      text(lease, 2, job_id(done + i));
      text(lease, 3, id("HO", done + i));
      sqlite3_bind_int64(lease, 4, at);
      step(lease);
    }
    run("COMMIT");
    run("BEGIN");
    for (int i = 0; i < count; i++) {
      text(load, 1, id("RU", done + i));
      check(sqlite3_step(load), SQLITE_ROW);
      sqlite3_reset(load);
    }
    run("COMMIT");
    run("BEGIN IMMEDIATE");
    for (int i = 0; i < count; i++) {
      long number = done + i;
      text(standing, 1, id("RU", number));
      check(sqlite3_step(standing), SQLITE_ROW);
      sqlite3_reset(standing);
      sqlite3_bind_int64(ended, 1, arrivals[i]);
      text(ended, 2, id("HO", number));
      sqlite3_bind_int64(ended, 3, at);
      step(ended);
      sqlite3_bind_int64(finish, 1, arrivals[i]);
      step(finish);
    }
    for (int i = 0; i < count; i++) {
      sqlite3_bind_int64(run_change, 1, run_row(done + i));
      sqlite3_bind_int64(run_change, 2, at);
      step(run_change);
    }
    run("COMMIT");
    done += count;
  }
}

static void report(const char *part, double seconds) {
  printf("%s: %.3f s, %.0f jobs/s\n", part, seconds, jobs / seconds);
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: raw_sqlite SCHEMA.db NEW.db JOBS PAYLOAD_BYTES RECORD_BATCH\n");
    return 2;
  }
  jobs = atol(argv[3]);
  int payload = atoi(argv[4]), batch = atoi(argv[5]);
  check(sqlite3_open(argv[2], &db), SQLITE_OK);
  run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
      " PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864;");
  copy_schema(argv[1]);
  run("INSERT INTO meta SELECT 'routed', 0 WHERE NOT EXISTS (SELECT 1 FROM meta)");
  printf("raw sqlite3 %s: the same tables and writes, one thread\n", sqlite3_libversion());
  double start = now();
  record(payload, batch);
  double recorded = now();
  route(payload);
  double routed = now();
  settle();
  double settled = now();
  report("record", recorded - start);
  report("route", routed - recorded);
  report("lease, read, settle", settled - routed);
  report("record to settled", settled - start);
  return 0;
}
