/// Rates as files write them: a count, a stroke and a time, `20/s` or `1/10s`.
public enum RateText {
  /// The rate as files write it; its burst is told apart.
  public static func write(_ rate: Rate) -> String {
    let time = DurationText.write(rate.per)
    let isOne = time.first == "1" && time.dropFirst().first?.isLetter == true
    return "\(rate.count)/\(isOne ? time.dropFirst() : time[...])"
  }

  /// Reads `20/s`, `100/m`, `5000/h`, `1/10s`; nil where the text is something else, or outside the bounds of
  /// `PipelineLimits`.
  public static func read(_ text: String) -> (count: Int, per: Duration)? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(parts[0]),
      PipelineLimits.rateCounts.contains(count)
    else { return nil }
    let isUnit = parts[1].first?.isLetter ?? false
    guard let per = DurationText.read(isUnit ? "1\(parts[1])" : String(parts[1])),
      PipelineLimits.rateTimes.contains(per), per / count >= .seconds(1) / PipelineLimits.fastestRate
    else { return nil }
    return (count, per)
  }
}
