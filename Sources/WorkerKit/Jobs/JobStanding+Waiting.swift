extension JobStanding {
  /// What a PENDING job waits for, or why a CANCELLED one was ended, in a sentence for people; nil where there is
  /// nothing to say.
  public var waitingReason: String? {
    guard let word = waitingFor else { return nil }
    return Self.reasons[word] ?? "It waits for '\(word)'."
  }

  private static let reasons = [
    "worker": "It waits for a host that knows its worker.",
    "revision": "It waits for a host that can read the revision of its pipeline.",
    "turn": "It waits for its turn: the jobs of its key before it.",
    "window": "It waits for the job of its window that is at work.",
    "execution": "It waits for another job that does the same work, and will share its result.",
    "callback": "It waits for a call from outside.",
    "dependency": "It waits for a dependency that is down.",
    supersededWord: "Something newer of its window took its place.",
    "shared": "Another job did the same work; this one has its result.",
    CancelRequest.word: "A person cancelled it.",
  ]
}
