/// Tells when what a folder holds has changed and come to rest.
///
/// A change is told when two looks one after the other find the same names, sizes, times and contents: a file that is
/// half written, or missing for the moment in which an editor puts another in its place, is not taken for a change.
struct FolderWatch {
  private var taken: [String: FolderListing.Content]
  private var seen: FolderListing

  /// Begins with a listing that was taken as it is.
  init(after listing: FolderListing) {
    taken = listing.contents
    seen = listing
  }

  /// The listing, where it is other than what was last told and as it was at the last look; it is told once.
  mutating func look(at listing: FolderListing) -> FolderListing? {
    defer { seen = listing }
    guard listing == seen, listing.contents != taken else { return nil }
    taken = listing.contents
    return listing
  }
}
