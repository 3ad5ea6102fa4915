/// Reads what starts a run: events of a type, or times of the calendar.
enum TriggerReader {
  static let keys = ["event", "match", "cron", "time_zone"]

  /// Reads a trigger. What is wrong with it goes to `problems`; nil where something is.
  static func read(_ value: YAMLValue, into problems: inout ProblemList) -> TriggerDraft? {
    let map = MappingReader(value, path: "trigger", keys: keys, later: PipelineReader.later, into: &problems)
    guard let map else { return nil }
    switch (map["event"], map["cron"]) {
    case (nil, nil):
      problems.note(.missingKey, at: value.place, "trigger needs the key 'event' or the key 'cron'")
      return nil
    case (_?, let cron?):
      problems.note(
        .conflictingKeys, at: cron.place, "trigger has both 'event' and 'cron'",
        hint: "write a pipeline for each")
      return nil
    case (_?, nil):
      refuse("time_zone", of: map, without: "cron", into: &problems)
      return event(map, into: &problems)
    case (nil, _?):
      refuse("match", of: map, without: "event", into: &problems)
      return schedule(map, into: &problems)
    }
  }

  private static func refuse(
    _ key: String, of map: MappingReader, without other: String, into problems: inout ProblemList
  ) {
    guard let member = map[key] else { return }
    problems.note(.conflictingKeys, at: member.place, "trigger.\(key) means nothing without trigger.\(other)")
  }

  private static func event(_ map: MappingReader, into problems: inout ProblemList) -> TriggerDraft? {
    let type = map.eventType(into: &problems)
    let value = map["match"]?.value
    let match = value.flatMap { PatternReader.root($0, path: "trigger.match", into: &problems) }
    return type.map { TriggerDraft(event: $0.value, match: match, fields: PatternReader.fields(value)) }
  }

  private static func schedule(_ map: MappingReader, into problems: inout ProblemList) -> TriggerDraft? {
    let cron = map.text("cron", into: &problems)
    let zone = map.text("time_zone", into: &problems)
    return cron.map { cron in
      let schedule = zone.map { Schedule(cron: cron.value, timeZone: $0.value) } ?? Schedule(cron: cron.value)
      let places: [ScheduleProblem.Key: Place] = [.cron: cron.place, .timeZone: zone?.place ?? cron.place]
      return TriggerDraft(event: Schedule.eventType, schedule: schedule, schedulePlaces: places)
    }
  }
}
