/// A parameter of a statement. Everything travels in binary form; arrays are for `unnest($1::bigint[], …)`.
public enum PostgresValue: Sendable, Hashable {
  /// NULL, of the type that the statement asks for.
  case null
  case boolean(Bool)
  /// `bigint`.
  case integer(Int64)
  case text(String)
  /// `bytea`.
  case bytes([UInt8])
  /// `bigint[]`.
  case integers([Int64?])
  /// `text[]`.
  case texts([String?])
  /// `bytea[]`.
  case byteRows([[UInt8]?])
  /// `boolean[]`.
  case booleans([Bool?])

  /// The number under which PostgreSQL knows the type (pg_type.dat); 0 leaves it to the statement.
  var type: UInt32 {
    switch self {
    case .null: 0
    case .boolean: 16
    case .integer: 20
    case .text: 25
    case .bytes: 17
    case .integers: 1016
    case .texts: 1009
    case .byteRows: 1001
    case .booleans: 1000
    }
  }
}
