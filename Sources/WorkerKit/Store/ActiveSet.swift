/// Which revisions are active, and what each folder held when it was last taken. Stores keep it; the rule is here.
///
/// **The rule.** A folder's change is the difference between what it holds now and what it held when it was last taken,
/// pipeline by pipeline: revisions that are new or other, and pipelines that are gone. That difference, and nothing
/// else, is applied to the active set. From it follows:
///
/// - A folder that holds what it held changes nothing, however often it is taken and whatever others did meanwhile. Two
///   dispatchers with different folders do not undo each other's work in turns; where both hold one pipeline, the last
///   change of it counts.
/// - A rollback holds. It changes what is active, and not what folders held: each pipeline stays rolled back until its
///   own file is another than it was, and the files beside it may change freely.
/// - A bad file is no change: what the folder held of its pipeline it is taken to hold still.
public struct ActiveSet: Sendable, Hashable {
  /// The active revisions.
  public private(set) var revisions: [PipelineName: RevisionHash]
  /// What each folder held when it was last taken, by name.
  public private(set) var folders: [String: [PipelineName: RevisionHash]]

  /// Describes a state; without arguments, the one of an empty store.
  public init(
    revisions: [PipelineName: RevisionHash] = [:], folders: [String: [PipelineName: RevisionHash]] = [:]
  ) {
    self.revisions = revisions
    self.folders = folders
  }

  /// Takes what a folder holds now.
  public mutating func take(_ offer: FolderOffer) {
    let held = folders[offer.folder] ?? [:]
    var holds = held.filter { offer.kept.includes($0.key) }
    for revision in offer.revisions { holds[revision.pipeline] = revision.hash }
    for pipeline in held.keys where holds[pipeline] == nil { revisions[pipeline] = nil }
    for (pipeline, hash) in holds where held[pipeline] != hash { revisions[pipeline] = hash }
    folders[offer.folder] = holds
  }

  /// Makes other revisions, and no others, the active ones.
  public mutating func restore(_ revisions: [PipelineName: RevisionHash]) { self.revisions = revisions }
}

extension FolderOffer.Kept {
  fileprivate func includes(_ pipeline: PipelineName) -> Bool {
    switch self {
    case .all: true
    case .pipelines(let names): names.contains(pipeline)
    }
  }
}

extension ActiveSet {
  /// The state as stores keep it.
  public var json: JSON {
    .object(["revisions": Self.json(revisions), "folders": .object(folders.mapValues(Self.json))])
  }

  /// Reads back what `json` wrote; nil where the value is something else.
  public init?(json: JSON) {
    guard let revisions = json["revisions"].flatMap(Self.revisions), case .object(let folders)? = json["folders"] else {
      return nil
    }
    let held = folders.compactMapValues(Self.revisions)
    guard held.count == folders.count else { return nil }
    self.init(revisions: revisions, folders: held)
  }

  private static func json(_ revisions: [PipelineName: RevisionHash]) -> JSON {
    .object(Dictionary(uniqueKeysWithValues: revisions.map { ($0.key.rawValue, .string($0.value.rawValue)) }))
  }

  private static func revisions(_ json: JSON) -> [PipelineName: RevisionHash]? {
    guard case .object(let members) = json else { return nil }
    var revisions: [PipelineName: RevisionHash] = [:]
    for (name, value) in members {
      guard case .string(let hash) = value else { return nil }
      revisions[PipelineName(name)] = RevisionHash(hash)
    }
    return revisions
  }
}
