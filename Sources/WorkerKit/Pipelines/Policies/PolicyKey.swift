/// The keys of a stage's policy: what a stage may say, and `defaults` for all stages.
enum PolicyKey: String, CaseIterable {
  case queue, priority, timeout, lease, retry
  case fairBy = "fair_by"
  case limit
  case serialBy = "serial_by"
  case coalesce, batch
  case executionKey = "execution_key"
  case onFailure = "on_failure"
  case isolation
}

extension StagePolicy {
  /// Whether the policy says something under the key.
  func has(_ key: PolicyKey) -> Bool {
    switch key {
    case .queue: queue != nil
    case .priority: priority != nil
    case .timeout: timeout != nil
    case .lease: lease != nil
    case .retry: retry != nil
    case .fairBy: fairBy != nil
    case .limit: limits != nil
    case .serialBy: serialBy != nil
    case .coalesce: coalesce != nil
    case .batch: batch != nil
    case .executionKey: executionKey != nil
    case .onFailure: onFailure != nil
    case .isolation: isolation != nil
    }
  }

  /// Forgets what the policy says under the key.
  mutating func clear(_ key: PolicyKey) {
    switch key {
    case .queue: queue = nil
    case .priority: priority = nil
    case .timeout: timeout = nil
    case .lease: lease = nil
    case .retry: retry = nil
    case .fairBy: fairBy = nil
    case .limit: limits = nil
    case .serialBy: serialBy = nil
    case .coalesce: coalesce = nil
    case .batch: batch = nil
    case .executionKey: executionKey = nil
    case .onFailure: onFailure = nil
    case .isolation: isolation = nil
    }
  }
}
