/// Why a picture could not be worked on.
public struct ImagingFailure: Error, Codable, Sendable, Equatable {
  /// What should follow from it.
  public enum Kind: String, Codable, Sendable {
    /// The picture will never work.
    case permanent
    /// The picture is an attack or behaves like one.
    case poison
    /// The world was unwell; the same picture may work later.
    case transient
  }

  /// What went wrong, in one fixed word.
  public enum Code: String, Codable, Sendable, CaseIterable {
    /// The request itself; `field` names what is out of bounds.
    case badRequest = "bad_request"
    /// The file is not there, not a regular file, or not to be opened.
    case inputUnreadable = "input_unreadable"
    /// No allowed loader knows the content.
    case notAPicture = "not_a_picture"
    /// The file ends early.
    case truncatedPicture = "truncated_picture"
    /// The decoder gives up for another reason.
    case damagedPicture = "damaged_picture"
    /// The header announces more than the bound; nothing was decoded.
    case tooManyPixels = "too_many_pixels"
    /// The animation has more frames than the bound, or its frames have more pixels; nothing was decoded.
    case tooManyFrames = "too_many_frames"
    /// The library cannot write the format; `available` names what it can.
    case formatUnavailable = "format_unavailable"
    /// Decoding would exceed the memory limit.
    case outOfMemory = "out_of_memory"
    /// The folder or the disk refuses a file.
    case outputUnwritable = "output_unwritable"
  }

  /// What should follow.
  public var kind: Kind
  /// Which failure it is.
  public var code: Code
  /// The constant text that belongs to the code.
  public var message: String
  /// The values that belong to this one case: sizes, error numbers, or libvips' text as `detail`.
  public var fields: [String: String]

  /// The failure of a code, with its kind and its text.
  public init(_ code: Code, fields: [String: String] = [:]) {
    self.code = code
    self.kind = code.kind
    self.message = code.message
    self.fields = fields
  }
}

extension ImagingFailure.Code {
  /// The kind that each code always has.
  public var kind: ImagingFailure.Kind {
    switch self {
    case .tooManyPixels, .outOfMemory: .poison
    case .outputUnwritable, .inputUnreadable: .transient
    case .badRequest, .notAPicture, .truncatedPicture, .damagedPicture, .tooManyFrames, .formatUnavailable: .permanent
    }
  }

  /// The text that each code always has.
  public var message: String {
    switch self {
    case .badRequest: "The request is not one that the imaging program understands."
    case .inputUnreadable: "The input file cannot be read."
    case .notAPicture: "The content is not a JPEG, PNG, WebP or GIF picture."
    case .truncatedPicture: "The picture ends before its content does."
    case .damagedPicture: "The picture cannot be decoded."
    case .tooManyPixels: "The picture has more pixels than are allowed."
    case .tooManyFrames: "The animation has more frames, or more pixels in all of them, than are allowed."
    case .formatUnavailable: "The library of this installation cannot write the format; choose one that is available."
    case .outOfMemory: "The picture needs more memory than is allowed."
    case .outputUnwritable: "A rendered file cannot be written."
    }
  }
}
