internal import WorkerKit

extension SeamCheck {
  /// Which revisions are active, who changes them, and what a rollback holds back.
  static let activations = [
    keepsFoldersApart, holdsRollback, releasesFileByFile, keepsWhatIsBad, numbersActivations, refusesUnknownNumber,
  ]

  private static func media(_ version: Int) -> PipelineRevision {
    PipelineRevision(pipeline: "media", hash: RevisionHash("m\(version)"), source: "pipeline: media # \(version)")
  }

  private static func export(_ version: Int) -> PipelineRevision {
    PipelineRevision(pipeline: "export", hash: RevisionHash("e\(version)"), source: "pipeline: export # \(version)")
  }

  private static let keepsFoldersApart = SeamCheck("two folders do not undo each other's changes in turns") { bench in
    let (old, new) = (
      FolderOffer(folder: "old", revisions: [export(1), media(1)]), FolderOffer(folder: "new", revisions: [media(2)])
    )
    try expect(try await bench.store.activate(old), is: 1, "The first folder activates what it holds.")
    try expect(try await bench.store.activate(new), is: 2, "Another folder's change is a change.")
    for _ in 0..<3 {
      try expect(try await bench.store.activate(old), is: 2, "A folder that changed nothing changes nothing.")
      try expect(try await bench.store.activate(new), is: 2, "Nor does the other one.")
    }
    try expect(
      try await bench.store.activeRevisions(), is: [export(1), media(2)],
      "The last change of each pipeline counts, and a folder takes away only what it held itself.")
    let changed = FolderOffer(folder: "old", revisions: [media(3)])
    try expect(try await bench.store.activate(changed), is: 3, "A folder's own change counts again.")
    try expect(try await bench.store.activeRevisions(), is: [media(3)], "What it holds no more is active no more.")
  }

  private static let holdsRollback = SeamCheck("a rollback holds until the folder itself changes") { bench in
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [media(1)]))
    let bad = FolderOffer(folder: "one", revisions: [media(2)])
    _ = try await bench.store.activate(bad)
    let number = try await bench.store.rollback(to: 1, by: "ada", reason: "pictures come out green")
    try expect(number, is: 3, "A rollback is an activation of its own.")
    try expect(try await bench.store.activeRevisions(), is: [media(1)], "The older revision is active again.")
    for _ in 0..<3 {
      try expect(try await bench.store.activate(bad), is: 3, "The folder as it was activates nothing.")
      try expect(try await bench.store.activeRevisions(), is: [media(1)], "The rollback holds.")
    }
    let again = try await bench.store.rollback(to: 1, by: "ada", reason: "again")
    try expect(again, is: 3, "A second rollback to the same finds it done.")
    try expect(
      try await bench.store.activate(FolderOffer(folder: "one", revisions: [media(3)])), is: 4,
      "A changed file lifts the hold.")
    try expect(try await bench.store.activeRevisions(), is: [media(3)], "The changed file is active.")
  }

  private static let releasesFileByFile = SeamCheck("a change beside it does not undo a rollback") { bench in
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [export(1), media(1)]))
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [export(2), media(2)]))
    _ = try await bench.store.rollback(to: 1, by: "ada", reason: "both are bad")
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [export(3), media(2)]))
    try expect(
      try await bench.store.activeRevisions(), is: [export(3), media(1)],
      "The file that changed is active, and the one beside it stays rolled back.")
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [export(3)]))
    try expect(try await bench.store.activeRevisions(), is: [export(3)], "Removing a file is a change of it.")
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [export(3), media(2)]))
    try expect(
      try await bench.store.activeRevisions(), is: [export(3), media(2)], "So is putting it back as it was.")
  }

  private static let keepsWhatIsBad = SeamCheck("a bad file displaces no pipeline") { bench in
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [export(1), media(1)]))
    let bad = FolderOffer(folder: "one", revisions: [export(2)], kept: .pipelines(["media"]))
    _ = try await bench.store.activate(bad)
    try expect(
      try await bench.store.activeRevisions(), is: [export(2), media(1)],
      "The other file activates, and the bad one's pipeline keeps its revision.")
    let unnamed = FolderOffer(folder: "one", revisions: [], kept: .all)
    let number = try await bench.store.activate(unnamed)
    try expect(number, is: 2, "Where it cannot be told what a bad file stands for, nothing is taken away.")
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [export(2)]))
    try expect(try await bench.store.activeRevisions(), is: [export(2)], "A file that is gone is taken away.")
  }

  private static let numbersActivations = SeamCheck("activations are numbered, dated and attributed") { bench in
    let at = bench.time.now
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [media(1)]))
    bench.time.advance(by: .seconds(5))
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [media(2)]))
    _ = try await bench.store.rollback(to: 1, by: "ada", reason: "green")
    let (first, second) = (
      Activation(number: 1, at: at, by: "one", revisions: ["media": "m1"]),
      Activation(number: 2, at: bench.time.now, by: "one", revisions: ["media": "m2"])
    )
    let third = Activation(
      number: 3, at: bench.time.now, by: "ada", reason: "green", restored: 1, revisions: ["media": "m1"])
    try expect(
      try await bench.store.activations(before: nil, limit: 9), is: [third, second, first], "They come newest first.")
    try expect(try await bench.store.activations(before: 3, limit: 1), is: [second], "They come in pages.")
    _ = try await bench.store.activate(FolderOffer(folder: "two", revisions: [media(1)]))
    try expect(
      try await bench.store.activations(before: nil, limit: 1), is: [third],
      "A folder that brings what is active already is no activation.")
  }

  private static let refusesUnknownNumber = SeamCheck("a rollback to a number that there never was does nothing") {
    bench in
    for number in [0, 1, -1, Int64.max, .min] {
      try expect(
        try await bench.store.rollback(to: number, by: "ada", reason: "test"), is: nil, "There is no such number.")
    }
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [media(1)]))
    try expect(
      try await bench.store.rollback(to: 2, by: "ada", reason: "test"), is: nil, "There is no such number yet.")
    try expect(try await bench.store.activations(before: nil, limit: 9).count, is: 1, "Nothing was activated.")
    try expect(try await bench.store.activeRevisions(), is: [media(1)], "What was active is so still.")
  }
}
