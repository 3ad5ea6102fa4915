import Hummingbird

/// The headers that a route may add to its answer.
public enum ResponseHeader: String, Sendable, Hashable {
  case allow = "Allow"
  case contentDisposition = "Content-Disposition"
  case entityTag = "ETag"
  case location = "Location"
  case retryAfter = "Retry-After"
  case authenticate = "WWW-Authenticate"

  /// Sets the header among `fields`.
  func set(_ value: String, in fields: inout HTTPFields) {
    switch self {
    case .allow: fields[.allow] = value
    case .contentDisposition: fields[.contentDisposition] = value
    case .entityTag: fields[.eTag] = value
    case .location: fields[.location] = value
    case .retryAfter: fields[.retryAfter] = value
    case .authenticate: fields[.wwwAuthenticate] = value
    }
  }
}
