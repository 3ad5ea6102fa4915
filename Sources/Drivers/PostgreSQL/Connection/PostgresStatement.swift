/// A statement and its parameters.
struct PostgresStatement {
  let text: String
  let parameters: [PostgresValue]

  init(_ text: String, _ parameters: [PostgresValue] = []) {
    self.text = text
    self.parameters = parameters
  }

  /// What tells prepared statements apart: NULL has no type of its own, so that the types belong to it.
  var key: Key { Key(text: text, types: parameters.map(\.type)) }

  struct Key: Hashable {
    let text: String
    let types: [UInt32]
  }
}
