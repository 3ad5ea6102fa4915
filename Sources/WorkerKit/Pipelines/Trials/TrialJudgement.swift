/// Compares what a case came to with what it asks for.
struct TrialJudgement {
  let expectation: TrialExpectation
  let result: TrialResult

  /// Everything that differs; nothing where the case holds.
  var differences: [TrialReport.Difference] {
    if let mismatch = result.mismatch {
      return expectation.runs ? [difference("runs", ["- true", "+ false: \(mismatch)"])] : []
    }
    guard expectation.runs else { return [difference("runs", ["- false", "+ true"])] }
    return [
      names("ran", expectation.ran.map(Self.called)) { !$0.calls.isEmpty },
      names("skipped", expectation.skipped) { if case .skipped = $0 { true } else { false } },
      names("cancelled", expectation.cancelled) { if case .cancelled = $0 { true } else { false } },
      names("failed", expectation.failed) { $0.isFailure },
    ].compactMap(\.self) + options + events + oddities
  }

  private func difference(_ subject: String, _ lines: [String]) -> TrialReport.Difference {
    .init(subject: subject, lines: lines)
  }

  private func names(
    _ subject: String, _ wanted: Set<StageName>?, _ isSo: (TrialEnd) -> Bool
  ) -> TrialReport.Difference? {
    guard let wanted else { return nil }
    let found = Set(result.stages.filter { isSo($0.value) }.keys)
    guard wanted != found else { return nil }
    let missing = wanted.subtracting(found).sorted().map { stage in
      "- \(stage) (it \(result.stages[stage]?.words ?? "is not there"))"
    }
    return difference(subject, missing + found.subtracting(wanted).sorted().map { "+ \($0)" })
  }

  /// The stages whose workers must have been called.
  private static func called(_ ran: [StageName: ExpectedCalls]) -> Set<StageName> {
    Set(ran.filter { !$0.value.isNone }.keys)
  }

  private var options: [TrialReport.Difference] {
    (expectation.ran ?? [:]).sorted { $0.key < $1.key }.flatMap { stage, wanted -> [TrialReport.Difference] in
      guard !wanted.isNone, let calls = result.stages[stage]?.calls, !calls.isEmpty else { return [] }
      if let count = wanted.elements?.count ?? wanted.count, count != calls.count {
        return [difference("\(stage)", ["- called for \(count) elements", "+ called for \(calls.count)"])]
      }
      return calls.compactMap { call in
        guard let value = wanted.value(at: call.index) else { return nil }
        let lines = Self.lines(value, call.options)
        return lines.isEmpty ? nil : difference("\(stage)\(call.index.map { "[\($0)]" } ?? "").with", lines)
      }
    }
  }

  private var events: [TrialReport.Difference] {
    guard let wanted = expectation.emitted else { return [] }
    var (rest, lines) = (result.emitted, [String]())
    for event in wanted {
      let ofType = rest.indices.filter { rest[$0].type == event.type }
      let fits = ofType.first { index in
        event.payload.map { Self.lines($0, rest[index].payload).isEmpty } ?? true
      }
      if let fits {
        rest.remove(at: fits)
      } else {
        lines.append("- \(event.type)")
        if let nearest = ofType.first, let payload = event.payload {
          lines += Self.lines(payload, rest[nearest].payload).map { "    \($0)" }
        }
      }
    }
    lines += rest.map { "+ \($0.type) \($0.payload.text())" }
    return lines.isEmpty ? [] : [difference("emitted", lines)]
  }

  /// What no case asks for, and no run should come to.
  private var oddities: [TrialReport.Difference] {
    let open = result.stages.filter { if case .open = $0.value { true } else { false } }.keys.sorted()
    return result.problems.map { difference("run", ["+ problem: \($0)"]) }
      + open.map { difference("run", ["+ \($0) waits still, and nothing is left that could end"]) }
  }

  /// Where a value is not what is asked for; none where it is.
  private static func lines(_ wanted: ExpectedValue, _ found: JSON) -> [String] {
    switch wanted {
    case .pattern(let pattern):
      guard let mismatch = pattern.mismatch(found) else { return [] }
      return ["- \(mismatch.reason)", "+ \((mismatch.found ?? found).text())"]
    case .exactly(let value):
      return value == found ? [] : LineDiff.changes(from: value.prettyText(), to: found.prettyText())
    }
  }
}
