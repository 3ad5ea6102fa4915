/// A number that only grows, issued by the store alone: whoever holds an older one may not write.
public struct Fence: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: Int64
  /// Wraps a number that a store issued.
  public init(rawValue: Int64) { self.rawValue = rawValue }

  /// The fence that a new job starts with.
  public static let first = Fence(rawValue: 1)
  /// The next fence.
  public var raised: Fence { Fence(rawValue: rawValue + 1) }
  /// The older fence is the lesser.
  public static func < (left: Fence, right: Fence) -> Bool { left.rawValue < right.rawValue }
}

/// A number of the whole queue, raised by the store whenever queue or store may have gone back in time.
public struct Epoch: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: Int64
  /// Wraps a number that a store issued.
  public init(rawValue: Int64) { self.rawValue = rawValue }

  /// The epoch of a new store.
  public static let first = Epoch(rawValue: 1)
  /// The next epoch.
  public var raised: Epoch { Epoch(rawValue: rawValue + 1) }
  /// The older epoch is the lesser.
  public static func < (left: Epoch, right: Epoch) -> Bool { left.rawValue < right.rawValue }
}

/// A token that a queue mints for each lease it grants, so that two holders of one fence can be told apart.
public struct Holder: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// What allows an attempt to write: the job, and the epoch, fence and holder under which it was leased.
///
/// It is compared inside every transaction that writes for an attempt: begin, a worker's own writes, settle.
public struct Authority: Hashable, Sendable {
  public let job: JobID
  public let epoch: Epoch
  public let fence: Fence
  public let holder: Holder

  /// Puts together what a queue granted.
  public init(job: JobID, epoch: Epoch, fence: Fence, holder: Holder) {
    self.job = job
    self.epoch = epoch
    self.fence = fence
    self.holder = holder
  }

  /// Hashes the holder alone, a token of its own for each lease: hosts look authorities up for every job.
  public func hash(into hasher: inout Hasher) { hasher.combine(holder) }
}

extension Authority {
  /// The job under this fence.
  public var claim: FencedJob { FencedJob(job: job, fence: fence) }
}

/// A job under a fence: what a compare-and-set names.
public struct FencedJob: Hashable, Sendable {
  public let job: JobID
  public let fence: Fence

  /// Names a job as it stood under `fence`.
  public init(job: JobID, fence: Fence) {
    self.job = job
    self.fence = fence
  }
}
