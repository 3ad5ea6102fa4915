import WorkerKit

/// Why a shelf does not keep a save.
enum RevisionFailure {
  /// The number is taken by other content.
  static func conflict(_ save: Save) -> Failure {
    Failure(
      .permanent, "revision_conflict", "The document has other content under this revision number.",
      fields: ["revision": String(save.revision)])
  }

  /// The attempt may not write any more.
  static let authorityLost = Failure(
    .transient, "authority_lost", "The attempt has lost its lease; another one does the work.")
}
