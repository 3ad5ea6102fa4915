extension CronExpression {
  /// The first moment after `moment` at which the expression comes in a zone; nil where it never does.
  ///
  /// It is bounded: it looks 400 years ahead, after which the calendar repeats itself, and not past the year 9999.
  public func next(after moment: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
    let second = moment.milliseconds.quotientAndRemainder(floored: 1000).0
    guard TimeZoneRules.reach.contains(second) else { return nil }
    return Self.timestamp(
      isForEveryHour ? nextInRealTime(after: second, in: zone) : nextOnTheWall(after: second, in: zone))
  }

  /// The last moment, `moment` included, at which the expression came in a zone; nil where it never did.
  ///
  /// It is bounded in the same way, and by the year 0.
  public func previous(upTo moment: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
    let second = moment.milliseconds.quotientAndRemainder(floored: 1000).0
    guard TimeZoneRules.reach.contains(second) else { return nil }
    return Self.timestamp(
      isForEveryHour ? previousInRealTime(upTo: second, in: zone) : previousOnTheWall(upTo: second, in: zone))
  }

  private static func timestamp(_ second: Int64?) -> Timestamp? {
    guard let second, TimeZoneRules.reach.contains(second) else { return nil }
    return Timestamp(milliseconds: second * 1000)
  }

  private func nextInRealTime(after second: Int64, in zone: TimeZoneRules) -> Int64? {
    var from = second + 1
    while TimeZoneRules.reach.contains(from) {
      let span = zone.span(at: from)
      guard let local = firstMinute(from: from + span.offset) else { return nil }
      guard let end = span.end, local - span.offset >= end else { return local - span.offset }
      from = end
    }
    return nil
  }

  private func previousInRealTime(upTo second: Int64, in zone: TimeZoneRules) -> Int64? {
    var upTo = second
    while TimeZoneRules.reach.contains(upTo) {
      let span = zone.span(at: upTo)
      guard let local = lastMinute(to: upTo + span.offset) else { return nil }
      guard let start = span.start, local - span.offset < start else { return local - span.offset }
      upTo = start - 1
    }
    return nil
  }

  private func nextOnTheWall(after second: Int64, in zone: TimeZoneRules) -> Int64? {
    firstMinute(from: zone.latestMinute(by: second) + 1).flatMap { zone.firstSecond(showing: $0) }
  }

  private func previousOnTheWall(upTo second: Int64, in zone: TimeZoneRules) -> Int64? {
    lastMinute(to: zone.latestMinute(by: second)).flatMap { zone.firstSecond(showing: $0) }
  }
}

/// The wall clock of a zone as one that never goes back: what it has shown counts as passed.
extension TimeZoneRules {
  /// The latest minute that the wall clock has shown by `second`.
  fileprivate func latestMinute(by second: Int64) -> Int64 {
    var span = span(at: second)
    var latest = span.latestMinute(by: second)
    while let start = span.start, start > second - 4 * Self.longestOffset {
      span = self.span(at: start - 1)
      latest = max(latest ?? .min, span.latestMinute(by: start - 1) ?? .min)
    }
    return latest ?? second + span.offset
  }

  /// The first second at which the wall clock shows the full minute `local`, or a later one where it skips that.
  fileprivate func firstSecond(showing local: Int64) -> Int64? {
    var span = span(at: local - Self.longestOffset)
    while true {
      let start = span.start.map { ($0 + span.offset + 59).quotientAndRemainder(floored: 60).0 * 60 }
      let shown = max(local, start ?? .min) - span.offset
      guard let end = span.end, shown >= end else { return shown }
      guard Self.reach.contains(end) else { return nil }
      span = self.span(at: end)
    }
  }
}

extension TimeZoneRules.Span {
  /// The last full minute that the wall clock shows within the span, up to `second`; nil where it is shorter than that.
  fileprivate func latestMinute(by second: Int64) -> Int64? {
    let minute = (second + offset).quotientAndRemainder(floored: 60).0 * 60
    guard let start else { return minute }
    return minute >= start + offset ? minute : nil
  }
}
