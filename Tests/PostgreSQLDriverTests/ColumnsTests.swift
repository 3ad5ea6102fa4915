import TestPostgres
import Testing
import WorkerKit

@testable import PostgreSQLDriver

@Suite("Rows that travel column by column", .timeLimit(.minutes(5)))
struct ColumnsTests {
  private static let rows: [(name: String, values: PostgresValue)] = [
    ("number", .integers([7, 7, 7])), ("same", .texts(["acme", "acme", "acme"])),
    ("nothing", .byteRows([nil, nil, nil])), ("other", .texts(["a", nil, "c"])),
    ("flag", .booleans([true, true, true])), ("mixed", .booleans([true, nil, true])),
  ]

  @Test("What is the same in every row travels once, all but the first column")
  func travelsOnce() {
    var columns = PostgresColumns(Self.rows)
    #expect(columns.parameters[0] == .integers([7, 7, 7]))
    #expect(columns.parameters[1] == .text("acme"))
    #expect(columns.parameters[2] == .null)
    #expect(columns.parameters[3] == .texts(["a", nil, "c"]))
    #expect(columns.list == "u.number, $2::text, $3::bytea, u.other, $5::boolean, u.mixed")
    #expect(columns.add(.integer(1), as: "bigint") == "$7::bigint")
    #expect(columns["unknown"] == "NULL")
  }

  @Test("No rows keep every column an array")
  func keepsEmptyColumns() {
    let columns = PostgresColumns([("number", .integers([])), ("text", .texts([]))])
    #expect(columns.source() == "unnest($1::bigint[], $2::text[]) AS u(number, text)")
  }

  @Test("The server sees the rows as they were given")
  func readsBack() async throws {
    try await StoreDesk.with { desk in
      let read = try await desk.pool.read { transaction in
        let columns = PostgresColumns(Self.rows)
        let rows = try transaction.rows(
          "SELECT \(columns.list), u.place FROM \(columns.source(place: "place"))",
          columns.parameters)
        return (0..<rows.count).map { row in
          let texts = [rows.integer(row, 0).description, rows.text(row, 1), rows.isNull(row, 2).description]
          let others = [rows.optionalText(row, 3), rows.boolean(row, 4).description]
          let last = [rows.optionalBoolean(row, 5)?.description, rows.integer(row, 6).description]
          return (texts + (others + last).map { $0 ?? "-" }).joined(separator: " ")
        }
      }
      #expect(read == ["7 acme true a true true 1", "7 acme true - true - 2", "7 acme true c true true 3"])
    }
  }
}
