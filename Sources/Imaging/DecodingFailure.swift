internal import ImagingProtocol

/// Tells from libvips' text and the file itself what became of a picture: libvips has no error numbers.
enum DecodingFailure {
  private static let memoryWords = [
    "out of memory", "out_of_memory", "insufficient memory", "unable to allocate", "cannot allocate",
  ]
  private static let endWords = ["premature end", "unexpected end", "truncated"]

  static func classify(_ detail: String, _ file: borrowing InputFile) -> ImagingFailure {
    let text = detail.lowercased()
    let code: ImagingFailure.Code =
      if isOutOfMemory(detail) {
        .outOfMemory
      } else if endWords.contains(where: text.contains) || file.isCutShort {
        .truncatedPicture
      } else {
        .damagedPicture
      }
    return ImagingFailure(code, fields: ["detail": detail])
  }

  static func isOutOfMemory(_ detail: String) -> Bool {
    let text = detail.lowercased()
    return memoryWords.contains(where: text.contains)
  }
}
