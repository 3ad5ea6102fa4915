/// Rows under headings, aligned by spaces.
struct Table {
  private var rows: [[String]]

  /// A table with these headings and no rows.
  init(_ headings: String...) { rows = [headings] }

  /// Adds a row, of as many cells as there are headings.
  mutating func add(_ cells: String...) { rows.append(cells.map { PlainText.line($0) }) }

  /// The lines, the last column unpadded.
  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.indices.map { column in
        let padding = column == row.count - 1 ? 0 : widths[column] - row[column].count
        return row[column] + String(repeating: " ", count: padding)
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
