/// A pipeline file as far as it could be read, with the places that checks point at.
struct PipelineDraft {
  var name: Placed<String>?
  var description = ""
  var trigger: TriggerDraft?
  /// What stages leave open.
  var defaults = StagePolicy()
  /// In the order of the file.
  var stages: [StageDraft] = []
  var emits: [EmitDraft] = []
}

struct TriggerDraft {
  let event: String
  let match: Pattern?
  /// The keys of `match` that name fields of the event.
  let fields: [Placed<String>]
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
  var join: [StageName: Set<NeedEnd>] = [:]
  var each: Fanout?
  var policy = StagePolicy()
}

struct OptionDraft {
  let key: Placed<String>
  /// Where the value stands.
  let place: Place
  /// Nil where it could not be read.
  let template: Template?
  let references: [Placed<Reference>]
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
  let references: [Placed<Reference>]
}
