import Glibc

/// State that threads share, with a way to wait until it changes: a POSIX mutex and condition variable.
// Unchecked because the compiler cannot see that `state` is only touched between lock and unlock of `mutex`.
final class Monitor<State>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var state: State

  init(_ state: sending State) {
    self.state = state
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Changes the state and wakes whoever waits.
  func change<Value>(_ body: (inout State) -> Value) -> Value {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    let value = body(&state)
    pthread_cond_broadcast(condition)
    return value
  }

  /// Waits, blocking the thread, until `body` answers with a value, and at most `limit` where one is given.
  func wait<Value>(atMost limit: Duration? = nil, until body: (inout State) -> Value?) -> Value? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    var end = timespec()
    if let limit { end = Self.monotonicTime(after: limit) }
    while true {
      if let value = body(&state) { return value }
      let result = limit == nil ? pthread_cond_wait(condition, mutex) : pthread_cond_timedwait(condition, mutex, &end)
      if result == ETIMEDOUT { return body(&state) }
    }
  }

  private static func monotonicTime(after length: Duration) -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let nanoseconds = Int(length.components.attoseconds / 1_000_000_000) + time.tv_nsec
    time.tv_sec += Int(length.components.seconds) + nanoseconds / 1_000_000_000
    time.tv_nsec = nanoseconds % 1_000_000_000
    return time
  }
}
