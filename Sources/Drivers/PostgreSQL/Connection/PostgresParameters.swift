/// The parameters of one execution in PostgreSQL's binary form: one buffer, and where each of them lies in it.
struct PostgresParameters {
  private(set) var bytes: [UInt8] = []
  private(set) var starts: [Int?] = []
  private(set) var lengths: [Int32] = []

  init(_ values: [PostgresValue]) {
    starts.reserveCapacity(values.count)
    lengths.reserveCapacity(values.count)
    for value in values { append(value) }
  }

  /// Calls `body` with what libpq asks for: pointers to the values, their lengths, and that each is binary.
  func withPointers<Value>(
    _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> Value
  ) -> Value {
    let formats = [Int32](repeating: 1, count: starts.count)
    // An empty text is not NULL, and needs an address.
    let source = bytes.isEmpty ? [0] : bytes
    return source.withUnsafeBytes { buffer in
      let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
      return body(starts.map { place in place.flatMap { start?.advanced(by: $0) } }, lengths, formats)
    }
  }

  private mutating func append(_ value: PostgresValue) {
    let start = bytes.count
    switch value {
    case .null:
      starts.append(nil)
      lengths.append(0)
      return
    case .boolean(let value): bytes.append(value ? 1 : 0)
    case .integer(let value): append(value)
    case .text(let value): bytes.append(contentsOf: value.utf8)
    case .bytes(let value): bytes.append(contentsOf: value)
    case .integers(let values): append(values, element: 20, length: { _ in 8 }, { $0.append($1) })
    case .texts(let values): append(values, element: 25, length: \.utf8.count, { $0.bytes.append(contentsOf: $1.utf8) })
    case .byteRows(let values): append(values, element: 17, length: \.count, { $0.bytes.append(contentsOf: $1) })
    case .booleans(let values): append(values, element: 16, length: { _ in 1 }, { $0.bytes.append($1 ? 1 : 0) })
    }
    starts.append(start)
    lengths.append(Int32(clamping: bytes.count - start))
  }

  /// An array of one dimension: its head, and each element behind its length.
  private mutating func append<Element>(
    _ values: [Element?], element type: Int32, length: (Element) -> Int,
    _ write: (inout PostgresParameters, Element) -> Void
  ) {
    let hasNull: Int32 = values.contains { $0 == nil } ? 1 : 0
    append(values.isEmpty ? Int32(0) : 1)
    append(hasNull)
    append(type)
    guard !values.isEmpty else { return }
    append(Int32(clamping: values.count))
    append(Int32(1))
    for value in values {
      guard let value else {
        append(Int32(-1))
        continue
      }
      append(Int32(clamping: length(value)))
      write(&self, value)
    }
  }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }
}
