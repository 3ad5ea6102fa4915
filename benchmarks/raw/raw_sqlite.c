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

static void record(int payload, int batch) {
  char *envelope = malloc(payload + 256);
  memset(envelope, 'x', payload + 170); /* the payload and the fields around it */
  sqlite3_stmt *s = prepare("INSERT INTO events (id, tenant, source, envelope, recorded_at) VALUES (?1, 'bench', 'api', ?2, ?3)");
  for (long i = 0; i < jobs; i++) {
    if (i % batch == 0) run("BEGIN IMMEDIATE");
    text(s, 1, id("EV", i));
    sqlite3_bind_blob(s, 2, envelope, payload + 170, SQLITE_STATIC);
    sqlite3_bind_int64(s, 3, 1700000000000 + i);
    step(s);
    if (i % batch == batch - 1 || i == jobs - 1) run("COMMIT");
  }
  sqlite3_finalize(s);
  free(envelope);
}

static void route(int payload) {
  char *input = malloc(payload + 64), *revision = malloc(65);
  memset(input, 'x', payload + 11);
  memset(revision, 'a', 64);
  revision[64] = 0;
  sqlite3_stmt *read = prepare("SELECT envelope FROM events WHERE sequence = ?1");
  sqlite3_stmt *run_row = prepare("INSERT INTO runs (id, event, tenant, pipeline, revision, created_at, state) VALUES (?1, ?2, 'bench', 'noop', ?3, ?4, 'running')");
  sqlite3_stmt *job = prepare(
      "INSERT INTO jobs (id, run, stage, worker, queue, input, created_at, state, fence, attempts, losses, due_at)"
      " VALUES (?1, ?2, 'work', 'bench.noop', 'default', ?3, ?4, 'QUEUED', 1, 0, 0, ?4)");
  sqlite3_stmt *routed = prepare("UPDATE events SET routed_at = ?2 WHERE sequence = ?1");
  sqlite3_stmt *entry = prepare("INSERT INTO queue_entries (job, fence, queue, due_at) VALUES (?1, 1, 'default', ?2)");
  for (long i = 0; i < jobs; i++) {
    if (i % BATCH == 0) run("BEGIN IMMEDIATE");
    sqlite3_int64 at = 1700000000000 + i;
    sqlite3_bind_int64(read, 1, i + 1);
    sqlite3_step(read);
    sqlite3_reset(read);
    text(run_row, 1, id("RU", i));
    sqlite3_bind_int64(run_row, 2, i + 1);
    text(run_row, 3, revision);
    sqlite3_bind_int64(run_row, 4, at);
    step(run_row);
    text(job, 1, id("JO", i));
    sqlite3_bind_int64(job, 2, i + 1);
    sqlite3_bind_blob(job, 3, input, payload + 11, SQLITE_STATIC);
    sqlite3_bind_int64(job, 4, at);
    step(job);
    sqlite3_bind_int64(routed, 1, i + 1);
    sqlite3_bind_int64(routed, 2, at);
    step(routed);
    sqlite3_bind_int64(entry, 1, i + 1);
    sqlite3_bind_int64(entry, 2, at);
    step(entry);
    if (i % BATCH == BATCH - 1 || i == jobs - 1) run("COMMIT");
  }
  free(input);
  free(revision);
}

/* Leases a batch, reads it, settles it: three transactions in all for each batch, of which one only reads. */
static void settle(void) {
  sqlite3_stmt *ready = prepare("SELECT job, id, queue_entries.fence FROM queue_entries JOIN jobs ON jobs.sequence = job WHERE queue_entries.queue = 'default' AND queue_entries.holder IS NULL AND queue_entries.due_at <= ?1 ORDER BY queue_entries.due_at, job LIMIT 500");
  sqlite3_stmt *lease = prepare("UPDATE queue_entries SET holder = ?2, expires_at = ?3 WHERE job = ?1");
  sqlite3_stmt *load = prepare("SELECT * FROM jobs JOIN runs ON runs.sequence = jobs.run WHERE jobs.id = ?1");
  sqlite3_stmt *standing = prepare("SELECT sequence, run, queue, state, fence, holder, attempts FROM jobs WHERE id = ?1");
  sqlite3_stmt *job = prepare("UPDATE jobs SET state = 'SUCCEEDED', holder = ?2, attempts = 1, started_at = ?3, finished_at = ?3, host = 'bench', output = '{}' WHERE sequence = ?1");
  sqlite3_stmt *stages = prepare("SELECT stage, state, output FROM jobs WHERE run = ?1");
  sqlite3_stmt *event = prepare("SELECT envelope FROM runs JOIN events ON events.sequence = runs.event WHERE runs.sequence = ?1");
  sqlite3_stmt *run_row = prepare("UPDATE runs SET state = 'succeeded', finished_at = ?2 WHERE sequence = ?1");
  sqlite3_stmt *finish = prepare("DELETE FROM queue_entries WHERE job = ?1");
  sqlite3_int64 arrivals[BATCH], at = 1700000100000 + jobs;
  for (long done = 0; done < jobs;) {
    int count = 0;
    run("BEGIN IMMEDIATE");
    sqlite3_bind_int64(ready, 1, at);
    while (sqlite3_step(ready) == SQLITE_ROW) arrivals[count++] = sqlite3_column_int64(ready, 0);
    sqlite3_reset(ready);
    for (int i = 0; i < count; i++) {
      sqlite3_bind_int64(lease, 1, arrivals[i]);
      text(lease, 2, id("HO", done + i));
      sqlite3_bind_int64(lease, 3, at);
      step(lease);
    }
    run("COMMIT");
    run("BEGIN");
    for (int i = 0; i < count; i++) {
      text(load, 1, id("JO", done + i));
      sqlite3_step(load);
      sqlite3_reset(load);
    }
    run("COMMIT");
    run("BEGIN IMMEDIATE");
    for (int i = 0; i < count; i++) {
      long number = done + i;
      text(standing, 1, id("JO", number));
      sqlite3_step(standing);
      sqlite3_reset(standing);
      sqlite3_bind_int64(job, 1, number + 1);
      text(job, 2, id("HO", number));
      sqlite3_bind_int64(job, 3, at);
      step(job);
      sqlite3_bind_int64(stages, 1, number + 1);
      while (sqlite3_step(stages) == SQLITE_ROW) {}
      sqlite3_reset(stages);
      sqlite3_bind_int64(event, 1, number + 1);
      sqlite3_step(event);
      sqlite3_reset(event);
      sqlite3_bind_int64(run_row, 1, number + 1);
      sqlite3_bind_int64(run_row, 2, at);
      step(run_row);
      sqlite3_bind_int64(finish, 1, number + 1);
      step(finish);
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
  run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;");
  copy_schema(argv[1]);
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
