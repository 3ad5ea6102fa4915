/// Finds what a person probably meant to write.
public enum Spelling {
  /// The known word nearest to `word`, where one is near: at most one slip in three letters, three at most.
  public static func suggestion(for word: String, among known: some Sequence<String>) -> String? {
    let bound = min(3, max(1, word.count / 3))
    let ranked = known.map { (distance(word.lowercased(), $0.lowercased()), $0) }
    return ranked.filter { $0.0 <= bound }.min { $0 < $1 }?.1
  }

  /// The optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours
  /// (F. Damerau, "A technique for computer detection and correction of spelling errors", CACM 7(3), 1964).
  static func distance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.unicodeScalars.prefix(64)), Array(right.unicodeScalars.prefix(64)))
    var rows = [Array(0...right.count)]
    for i in left.indices {
      var row = [i + 1]
      for j in right.indices {
        let same = left[i] == right[j]
        var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (same ? 0 : 1))
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[left.count][right.count]
  }
}
