extension JSON {
  /// A value as a store has kept it, in compact JSON.
  /// - Throws: A `DriverError` of kind damaged where it is not JSON any more.
  public init(stored bytes: [UInt8]) throws(DriverError) {
    do throws(JSONError) {
      self = try JSONReader.parse(bytes)
    } catch {
      throw DriverError(
        .damaged, "json_unreadable", "A stored value is not JSON any more; restore the store from a backup.",
        detail: error.description)
    }
  }

  /// The texts among an object's members; none where it is no object.
  public var texts: [String: String] {
    guard case .object(let members) = self else { return [:] }
    return members.compactMapValues { if case .string(let text) = $0 { text } else { nil } }
  }
}
