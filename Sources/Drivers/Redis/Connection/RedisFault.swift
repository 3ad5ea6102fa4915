import WorkerKit

/// Classifies what a server refuses by what the caller can do.
enum RedisFault {
  /// What an error's first word means. Of the server's text only that word is kept: the rest may repeat arguments.
  static func error(_ text: String) -> DriverError {
    let word = String(text.prefix { $0 != " " })
    switch word {
    case "LOADING": return unavailable("redis_loading", "Redis reads its data back in; try again.", word)
    case "READONLY": return replica
    case "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS":
      return unavailable("redis_failover", "Redis is without a master that answers; try again.", word)
    case "BUSY": return unavailable("redis_busy", "A script keeps Redis busy; try again, or end it: SCRIPT KILL.", word)
    case "OOM":
      return DriverError(
        .full, "redis_full", "Redis has reached maxmemory; raise it, or let the backlog be worked off.", detail: word)
    case "MISCONF":
      return unavailable(
        "redis_cannot_save", "Redis refuses writes since it cannot save; look into its log and at its disk.", word)
    case "MOVED", "ASK", "CROSSSLOT":
      return permanent("redis_cluster", "The address is a node of a cluster; begin it with redis+cluster://.", word)
    case "WRONGTYPE":
      return permanent("redis_key_taken", "Another program keeps something else under a key of this name.", word)
    default: return access(word, text) ?? permanent("redis_error", "Redis refused a command.", reason(text))
    }
  }

  private static func access(_ word: String, _ text: String) -> DriverError? {
    switch word {
    case "WRONGPASS": permanent("redis_password", "Redis does not accept user and password; check the URL.", word)
    case "NOAUTH": permanent("redis_no_password", "Redis asks for a password; put one into the URL.", word)
    case "NOPERM": permanent("redis_rights", "The Redis user lacks a right; give it those of docs/redis.md.", word)
    case "ERR" where text.contains("called without any password configured"):
      permanent("redis_password", "Redis has no password for its default user; take it out of the URL.", word)
    case "ERR" where text.contains("DB index is out of range"):
      permanent("redis_database", "Redis does not have a database of that number; see its setting databases.", word)
    case "ERR" where text.contains("ACL failure in script") || text.contains("user executing the script"):
      permanent("redis_rights", "The Redis user lacks a right; give it those of docs/redis.md.", word)
    case "ERR" where text.contains("cluster support disabled"):
      permanent("redis_no_cluster", "The server is no node of a cluster; begin its address with redis://.", word)
    case "ERR" where text.contains("max number of clients"):
      unavailable("redis_clients", "Redis has as many clients as it takes; raise maxclients, or try again.", word)
    default: nil
    }
  }

  /// True where a function has stopped in its middle, since some of its keys had left for another server.
  static func isTorn(_ text: String) -> Bool { text.contains("attempted to access a non local key") }

  /// True where the library of functions is not on the server.
  static func isMissingFunction(_ text: String) -> Bool { text.hasPrefix("ERR Function not found") }

  /// True where a replica refuses a write.
  static func isReplica(_ text: String) -> Bool { text.hasPrefix("READONLY") }

  static let replica = unavailable(
    "redis_replica", "This Redis server is a replica, which takes no writes; name the master.", "READONLY")
  static let notOpen = unavailable(
    "redis_not_open", "Redis has no queue of this epoch: it was emptied, restored or replaced; a dispatcher fills it.",
    "")
  static let closed = DriverError(.closed, "redis_closed", "The queue is closed.")

  static func timedOut(_ endpoint: RedisEndpoint) -> DriverError {
    unavailable("redis_timeout", "Redis did not answer in time; try again, or look for slow commands.", "\(endpoint)")
  }

  static func lost(_ endpoint: RedisEndpoint, _ reason: String) -> DriverError {
    unavailable("redis_unreachable", "Redis cannot be reached; check that it runs there.", "\(endpoint): \(reason)")
  }

  static func noSentinel(_ said: String) -> DriverError {
    unavailable("redis_sentinels", "No Sentinel says where the master is; check that one of them runs there.", said)
  }

  static func unknownMaster(_ said: String) -> DriverError {
    permanent(
      "redis_sentinel_master",
      "The Sentinels watch no master of that name; check the name in the URL, or tell them: SENTINEL MONITOR.", said)
  }

  /// True where user, password or rights are wrong.
  static func concernsAccess(_ error: DriverError) -> Bool {
    ["redis_password", "redis_no_password", "redis_rights"].contains(error.code)
  }

  static func sentinelAccess(_ node: RedisNode, _ error: DriverError) -> DriverError {
    permanent(
      "redis_sentinel_access",
      "A Sentinel does not let this process in; check sentinel_user and sentinel_password in the URL.",
      "\(node): \(error.code)")
  }

  static let noOwner = unavailable(
    "redis_failover", "No master of the cluster has the keys; try again, or look at CLUSTER INFO.", "")

  static func eviction(_ policy: String) -> DriverError {
    permanent("redis_eviction", "Redis may evict entries; set maxmemory-policy to noeviction.", policy)
  }

  static func version(_ version: String) -> DriverError {
    permanent("redis_version", "Redis is too old; version 7.0 or newer is needed.", version)
  }

  private static func unavailable(_ code: String, _ message: String, _ detail: String) -> DriverError {
    DriverError(.unavailable, code, message, detail: detail)
  }

  private static func permanent(_ code: String, _ message: String, _ detail: String) -> DriverError {
    DriverError(.damaged, code, message, detail: detail)
  }

  /// The server's words up to where it may repeat what it was sent.
  private static func reason(_ text: String) -> String {
    let end = text.firstIndex { "'`,:".contains($0) } ?? text.endIndex
    return String(text[..<end].prefix(80))
  }
}
