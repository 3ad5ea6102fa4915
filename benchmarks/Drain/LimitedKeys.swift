import WorkerKit

/// Three jobs for each of many keys, `rate` keys a second: how much later than the key's limit lets it each begins.
struct LimitedKeys {
  let drain: Drain
  private var settings: Settings { drain.settings }
  private static let jobs = 3

  func run() async throws {
    try await drain.activate()
    try await drain.serving { arrivals in
      try await atRate(settings.rate, count: settings.keys) { key in
        try await record(key)
        arrivals.raise()
      }
      while KeyedWorker.times.count < settings.keys * Self.jobs { try await Task.sleep(for: .milliseconds(5)) }
      // The host asks the queue on until the last bucket is full again, and a little longer.
      let rest = settings.bound == .rate ? settings.interval + 2 : 2
      try await Task.sleep(for: .seconds(rest))
    }
    report()
  }

  private func record(_ key: Int) async throws {
    KeyedWorker.times.record(key)
    let body = String(repeating: "x", count: settings.payloadBytes)
    let events = (0..<Self.jobs).map { _ in
      EventEnvelope(
        id: EventID(Environment.system.id()), type: "Keyed", occurredAt: Environment.system.time.now, tenant: "bench",
        payload: .object(["key": .integer(Int64(key)), "body": .string(body)]))
    }
    _ = try await drain.parts.store.record(events)
  }

  private func report() {
    var (firsts, steps, whole) = ([Double](), [Double](), [Double]())
    let interval = Double(settings.interval) * 1000
    for key in KeyedWorker.times.keys {
      let attempts = key.attempts.sorted { $0.begun < $1.begun }
      firsts.append(milliseconds(key.recorded, attempts[0].begun))
      for (place, (before, next)) in zip(attempts, attempts.dropFirst()).enumerated() {
        switch settings.bound {
        case .rate:
          steps.append(milliseconds(before.begun, next.begun) - interval)
          whole.append(milliseconds(key.recorded, next.begun) - interval * Double(place + 1))
        case .concurrency: steps.append(milliseconds(before.ended, next.begun))
        }
      }
    }
    print("first of a key, after it was recorded: \(Marks(firsts)), of \(firsts.count)")
    print("later than the limit, by the one before: \(Marks(steps)), of \(steps.count)")
    print("earliest: \(Int((steps.min() ?? 0) * 1000)) µs")
    if !whole.isEmpty { print("later than the limit, by when it was recorded: \(Marks(whole))") }
  }

  private func milliseconds(_ from: UInt64, _ to: UInt64) -> Double { (Double(to) - Double(from)) / 1_000_000 }
}
