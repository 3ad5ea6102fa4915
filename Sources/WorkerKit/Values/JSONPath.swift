extension JSON {
  /// The member of an object; nil if it has none by that key or the value is no object.
  public subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  /// The element of an array; nil outside its bounds or if the value is no array.
  public subscript(index: Int) -> JSON? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// The value that `path` leads to: member keys in objects, decimal indices from 0 in arrays; nil if there is none.
  ///
  /// The empty path leads to the value itself. An index has no sign and no leading zero, as in JSON Pointer (RFC 6901).
  public func value(at path: some Sequence<String>) -> JSON? {
    var found = self
    for step in path {
      guard let next = found.child(step) else { return nil }
      found = next
    }
    return found
  }

  private func child(_ step: String) -> JSON? {
    guard case .array = self else { return self[step] }
    // Writing the number back refuses "+1" and "01", which name no element.
    guard let index = Int(step), String(index) == step else { return nil }
    return self[index]
  }
}
