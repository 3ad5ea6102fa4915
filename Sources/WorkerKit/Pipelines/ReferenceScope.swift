/// What references at one kind of place may name beside the event.
struct ReferenceScope {
  /// The place in words: `'with' of 'index'`.
  var subject = ""
  /// Why the place may refer to the event alone, as advice; nil where it may name stages.
  var eventOnly: String?
  /// The stages that have ended by then.
  var reachable: Set<String> = []
  /// Those of them that have succeeded by then, whatever happens.
  var sure: Set<String> = []
  /// What stands for an element of `each`.
  var element: String?
  /// Whether `${failure.…}` is known.
  var hasFailure = false
  /// When it is that the references are looked up, in words.
  var moment = ""
  /// What does not lead to a stage that is not reachable, in words.
  var lacks = ""
  /// Where to name a stage to make it reachable, in words.
  var list = ""
}

extension PipelineCheck {
  /// What a stage's options and keys may refer to.
  ///
  /// Who comes before a stage takes a walk to find out, which a file whose `references` are to the event is spared.
  func scope(of stage: StageDraft, for references: [ReferenceDraft]) -> ReferenceScope {
    let name = stage.name.rawValue
    var scope = ReferenceScope(
      moment: "when '\(name)' runs", lacks: "'\(name)' does not need", list: "its needs")
    guard references.contains(where: { $0.reference.root != Reference.event }) else { return scope }
    scope.reachable = graph.ancestors(of: name)
    scope.sure = sureGraph.ancestors(of: name)
    return scope
  }

  /// What an event may refer to that is emitted once these stages have succeeded.
  func scope(after stages: [String], for references: [ReferenceDraft]) -> ReferenceScope {
    var scope = ReferenceScope(
      moment: "when the event is emitted", lacks: "'after' does not lead to", list: "'after'")
    guard references.contains(where: { $0.reference.root != Reference.event }) else { return scope }
    scope.reachable = stages.reduce(into: Set(stages)) { $0.formUnion(graph.ancestors(of: $1)) }
    scope.sure = stages.reduce(into: Set(stages)) { $0.formUnion(sureGraph.ancestors(of: $1)) }
    return scope
  }
}
