/// A pipeline file as far as it could be read, with the places that checks point at.
struct PipelineDraft {
  var name: Placed<String>?
  var description = ""
  var trigger: TriggerDraft?
  /// What stages leave open.
  var defaults = PolicyDraft()
  /// What `fair_by` at the top of the file refers to; its policy is among the defaults.
  var topReferences: [ReferenceDraft] = []
  /// In the order of the file.
  var stages: [StageDraft] = []
  var emits: [EmitDraft] = []
}

struct TriggerDraft {
  let event: String
  var match: Pattern?
  /// The keys of `match` that name fields of the event.
  var fields: [Placed<String>] = []
  var schedule: Schedule?
  /// Where the file gives the parts of the schedule.
  var schedulePlaces: [ScheduleProblem.Key: Place] = [:]
}

struct StageDraft {
  let name: StageName
  /// Where the stage's name stands.
  let place: Place
  /// Nil where it is missing or no worker's name.
  var worker: Placed<WorkerName>?
  var needs: [Placed<String>] = []
  var options: [OptionDraft] = []
  var conditions: [ConditionDraft] = []
  var joins: [JoinDraft] = []
  var each: FanoutDraft?
  var policy = PolicyDraft()
}

/// A need under `join`, and the ends of it that count.
struct JoinDraft {
  let need: Placed<String>
  let ends: Set<NeedEnd>
}

struct FanoutDraft {
  /// Where the key stands.
  let place: Place
  /// The root that stands for an element, and where the file gives it.
  let name: Placed<String>
  /// Nil where the list could not be read.
  let list: ReferenceDraft?
  let parallel: Int?
}

/// A reference as a file uses it.
struct ReferenceDraft {
  let reference: Reference
  let place: Place
  /// A fallback that would do, as files write it.
  var standIn: String
}

struct OptionDraft {
  let key: Placed<String>
  /// Where the value stands.
  let place: Place
  /// Nil where it could not be read.
  let template: Template?
  let references: [ReferenceDraft]
}

struct ConditionDraft {
  let root: Placed<String>
  let pattern: Pattern?
  /// The keys of the pattern that name fields of the root.
  let fields: [Placed<String>]
}

struct EmitDraft {
  /// Where the emit begins.
  let place: Place
  let event: String?
  let after: [Placed<String>]
  let payload: Template?
  let references: [ReferenceDraft]
}
