import Dispatcher
import HTTPDriver

/// Where services reach a server's API, as the addresses of callbacks begin.
enum PublicAddress {
  /// The URL without the slash at its end; nil where the text is no http or https URL, or has more than a path.
  static func read(_ text: String) -> String? {
    let start = text.prefix(8).lowercased()
    guard start.hasPrefix("http://") || start.hasPrefix("https://"), !text.contains(where: "?#@ ".contains),
      (try? HTTPTarget(url: text)) != nil
    else { return nil }
    return String(text.reversed().drop { $0 == "/" }.reversed())
  }

  /// The address that a server listens on; nil where that is every address of the machine, and none in particular.
  static func of(_ address: ListeningAddress) -> String? {
    ["0.0.0.0", "::"].contains(address.host) ? nil : address.description
  }
}
