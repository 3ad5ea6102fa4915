/// Compares texts line by line.
public enum LineDiff {
  /// The lines that differ, in order: those of `old` after `- `, those of `new` after `+ `.
  public static func changes(from old: String, to new: String) -> [String] {
    all(from: old, to: new).filter { !$0.hasPrefix("  ") }
  }

  /// Every line, in order: those of both after two spaces, those of `old` alone after `- `, those of `new` alone after
  /// `+ `.
  public static func all(from old: String, to new: String) -> [String] {
    let (before, after) = (lines(of: old), lines(of: new))
    var (removed, inserted) = (Set<Int>(), Set<Int>())
    for change in after.difference(from: before) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var (result, i, j) = ([String](), 0, 0)
    while i < before.count || j < after.count {
      if i < before.count, removed.contains(i) {
        result.append("- \(before[i])")
        i += 1
      } else if j < after.count, inserted.contains(j) {
        result.append("+ \(after[j])")
        j += 1
      } else {
        result.append("  \(before[i])")
        (i, j) = (i + 1, j + 1)
      }
    }
    return result
  }

  private static func lines(of text: String) -> [String] {
    var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}
