internal import ProcessChild

/// Puts one answer together from the pieces in which a pipe delivers it.
struct FrameReader {
  enum Progress: Equatable {
    case incomplete
    case complete([UInt8])
    case invalid
  }

  private var bytes: [UInt8] = []

  /// Takes the next piece. More than one frame is invalid: nothing may follow an answer.
  mutating func take(_ piece: [UInt8]) -> Progress {
    bytes.append(contentsOf: piece)
    guard bytes.count >= Frame.headerBytes else { return .incomplete }
    guard let length = Frame.bodyLength(header: bytes.prefix(Frame.headerBytes)) else { return .invalid }
    let body = bytes.count - Frame.headerBytes
    if body < length { return .incomplete }
    return body == length ? .complete(Array(bytes.dropFirst(Frame.headerBytes))) : .invalid
  }
}
