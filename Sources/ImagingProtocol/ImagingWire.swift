internal import FoundationEssentials

/// Requests and answers as the bytes of one frame: JSON.
public enum ImagingWire {
  /// The bytes of a request.
  public static func encode(_ request: ImagingRequest) throws -> [UInt8] {
    [UInt8](try JSONEncoder().encode(request))
  }

  /// The bytes of an answer.
  public static func encode(_ answer: ImagingAnswer) throws -> [UInt8] {
    [UInt8](try JSONEncoder().encode(answer))
  }

  /// Reads a request.
  /// - Throws: a `DecodingError` for anything else.
  public static func request(_ bytes: [UInt8]) throws -> ImagingRequest {
    try JSONDecoder().decode(ImagingRequest.self, from: Data(bytes))
  }

  /// Reads an answer.
  /// - Throws: a `DecodingError` for anything else.
  public static func answer(_ bytes: [UInt8]) throws -> ImagingAnswer {
    try JSONDecoder().decode(ImagingAnswer.self, from: Data(bytes))
  }
}
