import WorkerKit

extension Mutant {
  static let forgetsFolders = store(
    "forgets what folders held", caughtBy: "a rollback holds until the folder itself changes"
  ) { store, _ in
    let base = store.base
    store.activating = { offer throws(DriverError) in
      // Whatever is active beside the offer, it was this folder's, and is gone.
      let active = try await base.activeRevisions()
      _ = try await base.activate(FolderOffer(folder: offer.folder, revisions: active))
      return try await base.activate(offer)
    }
  }

  static let replacesActiveSet = store(
    "activates a folder as it is, whoever has changed what",
    caughtBy: "two folders do not undo each other's changes in turns"
  ) { store, _ in
    let base = store.base
    store.activating = { offer throws(DriverError) in
      try await base.activate(FolderOffer(folder: "all", revisions: offer.revisions))
    }
  }
}
