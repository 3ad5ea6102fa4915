internal import CZstd

/// Compression in the Zstandard format (RFC 8878) by libzstd.
///
/// Both calls compute on the caller's thread and return when they are done, a few milliseconds for each MiB.
/// Inputs over some MiB, and limits over some MiB, belong on a thread of their own and not on the cooperative pool.
public enum Zstandard {
  /// The levels that `compress` takes. Higher ones need a window that not every reader grants.
  public static let levels = 1...19

  /// `bytes` as one frame that names their size and ends with their checksum.
  /// - Throws: `invalidLevel` for a level outside `levels`; `outOfMemory`.
  public static func compress(_ bytes: [UInt8], level: Int = 3) throws(CompressionError) -> [UInt8] {
    guard levels.contains(level) else { throw CompressionError(code: .invalidLevel) }
    guard let context = ZSTD_createCCtx() else { throw CompressionError(code: .outOfMemory) }
    defer { ZSTD_freeCCtx(context) }
    _ = try checked(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level)), otherwise: .other)
    _ = try checked(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1), otherwise: .other)
    var status = 0
    let compressed = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { output, count in
      status = ZSTD_compress2(context, output.baseAddress, output.count, bytes, bytes.count)
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    _ = try checked(status, otherwise: .other)
    return compressed
  }

  /// What was compressed into `bytes`, which hold one frame or more and nothing else.
  ///
  /// Memory stays bounded whatever the bytes claim: by about `limit`, their own size, and a window of 8 MiB, the size
  /// that RFC 8878 (section 3.1.1.1.2) asks every reader to support. The output is never grown beyond `limit` bytes.
  /// - Throws: `outputTooLarge` if there would be more than `limit` bytes; `truncated`, `corrupt`, or `windowTooLarge`
  ///   for input that cannot be read; `outOfMemory`.
  public static func decompress(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
    try bytes.withUnsafeBufferPointer { buffer throws(CompressionError) in
      let input = UnsafeRawBufferPointer(buffer)
      let declared = ZSTD_getFrameContentSize(input.baseAddress, input.count)
      // The two largest numbers stand for "not given" and "not a frame" (zstd.h, ZSTD_CONTENTSIZE_UNKNOWN and _ERROR).
      let isDeclared = declared < .max - 1
      guard !isDeclared || declared <= UInt64(max(limit, 0)) else { throw CompressionError(code: .outputTooLarge) }
      var output: [UInt8] = []
      // The size is only a claim until the bytes are there, so it earns no more than 1 MiB in advance.
      output.reserveCapacity(isDeclared ? Int(min(declared, 1 << 20)) : 0)
      try inflate(input, into: &output, limit: limit)
      return output
    }
  }

  private static func inflate(
    _ bytes: UnsafeRawBufferPointer, into output: inout [UInt8], limit: Int
  ) throws(CompressionError) {
    guard let context = ZSTD_createDCtx() else { throw CompressionError(code: .outOfMemory) }
    defer { ZSTD_freeDCtx(context) }
    _ = try checked(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 23), otherwise: .other)
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: ZSTD_DStreamOutSize(), alignment: 1)
    defer { chunk.deallocate() }
    var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    while true {
      var room = ZSTD_outBuffer(dst: chunk.baseAddress, size: chunk.count, pos: 0)
      let missing = try checked(ZSTD_decompressStream(context, &room, &input), otherwise: .corrupt)
      guard room.pos <= limit - output.count else { throw CompressionError(code: .outputTooLarge) }
      output.append(contentsOf: chunk[..<room.pos])
      // Nothing is missing at the end of a frame; another may follow.
      if missing == 0 && input.pos == input.size { return }
      guard input.pos < input.size || room.pos == room.size else { throw CompressionError(code: .truncated) }
    }
  }

  /// Turns the library's verdict into an error; those without a code of their own become `otherwise`.
  private static func checked(_ status: Int, otherwise: CompressionError.Code) throws(CompressionError) -> Int {
    guard ZSTD_isError(status) != 0 else { return status }
    switch ZSTD_getErrorCode(status) {
    case ZSTD_error_memory_allocation: throw CompressionError(code: .outOfMemory)
    case ZSTD_error_srcSize_wrong: throw CompressionError(code: .truncated)
    case ZSTD_error_frameParameter_windowTooLarge: throw CompressionError(code: .windowTooLarge)
    default: throw CompressionError(code: otherwise)
    }
  }
}
