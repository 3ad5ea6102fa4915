/// What a node of a cluster answers that does not carry a command out.
enum RedisRedirect: Equatable {
  /// Another has the slot, from now on.
  case moved(slot: Int, RedisNode)
  /// Another has this key already, of a slot that is on its way.
  case ask(RedisNode)
  /// Ask again in a moment: of several keys some are on their way, or the cluster is without a master.
  case again

  /// Reads a reply of the node `asked`; nil where it carried the command out, or refused it for good.
  init?(_ reply: RedisReply, asked: RedisNode) {
    guard case .error(let text) = reply else { return nil }
    let words = text.split(separator: " ")
    switch words.first {
    case "MOVED":
      guard words.count > 2, let slot = Int(words[1]), (0..<RedisSlot.count).contains(slot),
        let node = Self.node(words[2], asked)
      else { return nil }
      self = .moved(slot: slot, node)
    case "ASK":
      guard words.count > 2, let node = Self.node(words[2], asked) else { return nil }
      self = .ask(node)
    case "TRYAGAIN", "CLUSTERDOWN", "LOADING", "MASTERDOWN": self = .again
    default: return nil
    }
  }

  /// `host:port`, where the host is left out if it is the one that was asked.
  private static func node(_ text: Substring, _ asked: RedisNode) -> RedisNode? {
    guard let mark = text.lastIndex(of: ":"), let port = Int(text[text.index(after: mark)...]), port > 0 else {
      return nil
    }
    let host = text[..<mark]
    return RedisNode(host.isEmpty || host == "?" ? asked.host : String(host), port: port)
  }
}
