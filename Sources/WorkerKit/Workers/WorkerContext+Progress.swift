extension WorkerContext {
  /// The most characters of one line of a job's log.
  static let lineLength = 4000

  /// Says how far the job has come: `fraction` from 0 to 1, and a message for people, at most 1,000 characters. What is
  /// left out stays as it was.
  ///
  /// It returns at once and never fails. The host keeps the newest, and tells the store about once a second and before
  /// the attempt is settled. What a job in a process of its own reports is not kept.
  public func report(fraction: Double? = nil, message: String? = nil) {
    reporting(JobProgress(fraction: fraction, message: message))
  }

  /// Adds a line to the job's own log, of which the last 64 KiB are kept; a longer line than 4,000 characters is cut.
  /// It is for whoever looks at the job, and neither payloads nor secrets belong in it.
  ///
  /// Like `report` it returns at once, and leads nowhere in a process of its own.
  public func note(_ line: String) {
    reporting(JobProgress(log: String(line.unicodeScalars.prefix(Self.lineLength)) + "\n"))
  }
}
