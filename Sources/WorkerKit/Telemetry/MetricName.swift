/// Every metric that Millrace keeps.
public enum MetricName {
  public static let events = MetricDefinition(
    "millrace_events_total", .counter, "Events taken in, by answer: accepted, duplicate, refused.",
    labels: ["answer"])
  public static let streamEntries = MetricDefinition(
    "millrace_stream_entries", .gauge, "Entries of the event stream that were not recorded yet, or not removed.")
  public static let streamDeadLetters = MetricDefinition(
    "millrace_stream_dead_letters", .gauge,
    "Entries of the event stream that may not come in, and that nobody has replayed or discarded.")
  public static let jobs = MetricDefinition(
    "millrace_jobs_total", .counter, "Attempts settled, by outcome.", labels: ["pipeline", "stage", "outcome"])
  public static let superseded = MetricDefinition(
    "millrace_superseded_total", .counter, "Jobs that ended because something newer of their window took their place.",
    labels: ["pipeline", "stage"])
  public static let queueLatency = MetricDefinition(
    "millrace_job_queue_latency_seconds", .histogram, "From the time a job was due to the start of its worker.",
    labels: ["queue"])
  public static let runTime = MetricDefinition(
    "millrace_job_run_seconds", .histogram, "How long attempts took.", labels: ["worker"])
  public static let requestTime = MetricDefinition(
    "millrace_http_request_seconds", .histogram, "How long HTTP requests took.", labels: ["route", "status"])
  public static let queueDepth = MetricDefinition(
    "millrace_queue_depth", .gauge, "Jobs in a queue, by state: waiting or leased.", labels: ["queue", "state"])
  public static let queueOldest = MetricDefinition(
    "millrace_queue_oldest_seconds", .gauge, "How long the oldest job that is due has waited.", labels: ["queue"])
  public static let paused = MetricDefinition(
    "millrace_paused", .gauge, "1 for each queue, pipeline and stage that is paused; under `tenants`, how many are.",
    labels: ["scope"])
  public static let queueFull = MetricDefinition(
    "millrace_queue_full", .gauge, "1 while a queue has as many jobs waiting as it may, so that nothing is routed.",
    labels: ["queue"])
  public static let routingHeld = MetricDefinition(
    "millrace_routing_held", .gauge,
    "1 while no event is routed, because a queue is full or its server has no room.")
  public static let unroutedEvents = MetricDefinition(
    "millrace_unrouted_events", .gauge, "Events that wait to be routed.")
  public static let intakeHeld = MetricDefinition(
    "millrace_intake_held", .gauge,
    "1 while no events are taken in, because as many wait to be routed as may.")
  public static let deadLetters = MetricDefinition(
    "millrace_dead_letters", .gauge, "Jobs that ended FAILED or TIMED_OUT and that nobody has replayed.")
  public static let leasesLost = MetricDefinition(
    "millrace_leases_lost_total", .counter, "Leases that ran out or were taken over under a running attempt.")
  public static let staleWrites = MetricDefinition(
    "millrace_stale_writes_total", .counter, "Writes refused because the attempt had lost its authority.")
  public static let retries = MetricDefinition(
    "millrace_retries_total", .counter, "Attempts that will be tried again, by failure.", labels: ["worker", "code"])
  public static let crashes = MetricDefinition(
    "millrace_crashes_total", .counter, "Child processes that died under a job.", labels: ["worker"])
  public static let pruned = MetricDefinition(
    "millrace_pruned_total", .counter,
    """
    What left by age: superseded_runs, finished_runs, dead_letters, events, windows, event_replays, audit, \
    activations, revisions.
    """,
    labels: ["kind"])
  public static let scheduleTicks = MetricDefinition(
    "millrace_schedule_ticks_total", .counter, "Ticks of schedules: fired, or missed while nothing was running.",
    labels: ["pipeline", "outcome"])
  public static let spansExported = MetricDefinition(
    "millrace_spans_exported_total", .counter, "Spans that the collector has taken.")
  public static let spansDropped = MetricDefinition(
    "millrace_spans_dropped_total", .counter,
    "Spans that were lost: buffer_full, spool_full, spool_failed, refused by the collector.", labels: ["reason"])
  public static let spanSpool = MetricDefinition(
    "millrace_span_spool_bytes", .gauge, "Disk space of the spans that wait for the collector.")

  /// All of them, in the order of `/metrics`.
  public static let all = [
    events, streamEntries, streamDeadLetters, jobs, superseded, queueLatency, runTime, requestTime, queueDepth,
    queueOldest, paused, queueFull, routingHeld, unroutedEvents, intakeHeld, deadLetters, leasesLost, staleWrites,
    retries, crashes, pruned, scheduleTicks, spansExported,
    spansDropped, spanSpool,
  ]
}
