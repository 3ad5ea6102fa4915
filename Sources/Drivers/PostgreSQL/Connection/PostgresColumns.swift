/// The values of many rows, column by column, for a statement that takes them in with `unnest`.
///
/// A column that has the same value in every row travels once: most columns of a batch are such, and each array more
/// costs both sides work for every row. Statements differ by which columns these are, which are few combinations.
struct PostgresColumns {
  /// What stands for each column in the statement, by its name.
  private var expressions: [String: String] = [:]
  /// The names of the columns, in order.
  let names: [String]
  private var arrays: [(name: String, place: String)] = []
  private(set) var parameters: [PostgresValue] = []

  /// - Parameters:
  ///   - columns: Of equal length; the first is an array whatever its values are.
  ///   - parameter: What the statement's first parameter is, where that is none of the rows'.
  init(_ columns: [(name: String, values: PostgresValue)], after parameter: PostgresValue? = nil) {
    names = columns.map(\.name)
    if let parameter { parameters.append(parameter) }
    for (index, column) in columns.enumerated() {
      let (type, single) = column.values.rows
      let isArray = index == 0 || single == nil
      parameters.append(isArray ? column.values : single ?? .null)
      if isArray { arrays.append((column.name, "$\(parameters.count)::\(type)[]")) }
      expressions[column.name] = isArray ? "u.\(column.name)" : "$\(parameters.count)::\(type)"
    }
  }

  /// What stands for a column in the statement.
  subscript(name: String) -> String { expressions[name] ?? "NULL" }

  /// What stands for all columns, in a list.
  var list: String { names.map { self[$0] }.joined(separator: ", ") }

  /// The rows, as `u`; with `place`, numbered from 1 on in a column of that name.
  func source(place: String? = nil) -> String {
    let names = (arrays.map(\.name) + (place.map { [$0] } ?? [])).joined(separator: ", ")
    let ordinality = place == nil ? "" : "WITH ORDINALITY "
    return "unnest(\(arrays.map(\.place).joined(separator: ", "))) \(ordinality)AS u(\(names))"
  }

  /// Adds a value that is none of the rows'; gives what stands for it.
  mutating func add(_ value: PostgresValue, as type: String) -> String {
    parameters.append(value)
    return "$\(parameters.count)::\(type)"
  }
}

extension PostgresValue {
  /// The type of an array's elements, and the one value that all of them have; nil where they differ or there are none.
  fileprivate var rows: (type: String, single: PostgresValue?) {
    switch self {
    case .integers(let values): ("bigint", Self.single(values) { .integer($0) })
    case .texts(let values): ("text", Self.single(values) { .text($0) })
    case .byteRows(let values): ("bytea", Self.single(values) { .bytes($0) })
    case .booleans(let values): ("boolean", Self.single(values) { .boolean($0) })
    case .null, .boolean, .integer, .text, .bytes: ("text", nil)
    }
  }

  private static func single<Value: Equatable>(_ values: [Value?], _ wrap: (Value) -> PostgresValue) -> PostgresValue? {
    guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
    return first.map(wrap) ?? .null
  }
}
