internal import ImagingProtocol

extension Rendering {
  /// Renders every frame; what is shown of the first is shown of all.
  func renderFrames(of file: borrowing PictureFile, _ framing: Framing) throws(ImagingFailure) -> [RenderedFile] {
    try PixelBound.check(file.source, maxFrames: request.maxFrames, maxFramePixels: request.maxFramePixels)
    guard let widest = framing.sizes.first else { return [] }
    let decoded = try file.decodeFrames()
    let part = try shownPart(of: decoded, framing)
    guard
      let largest = decoded.framesScaled(part, width: widest.width, height: widest.height, isManaged: file.isManaged)
    else { throw outputFailure() }
    var files = [try write(largest, widest.requested)]
    let whole = Rectangle(left: 0, top: 0, width: widest.width, height: widest.height)
    for size in framing.sizes.dropFirst() {
      guard let reduced = largest.framesScaled(whole, width: size.width, height: size.height) else {
        throw outputFailure()
      }
      files.append(try write(reduced, size.requested))
    }
    return files
  }

  private func shownPart(of frames: borrowing Picture, _ framing: Framing) throws(ImagingFailure) -> Rectangle {
    let (width, height) = framing.shown
    guard let crop = request.crop else { return Rectangle(left: 0, top: 0, width: width, height: height) }
    guard let first = frames.frame(0) else { throw outputFailure() }
    return try part(of: first, width: width, height: height, by: crop)
  }
}
