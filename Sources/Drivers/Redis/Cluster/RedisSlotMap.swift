/// Which master of a cluster has which slots, as far as one has heard.
struct RedisSlotMap: Sendable {
  /// For each slot the place of its master among `nodes`, from 1 on; 0 where none has it.
  private var owners = [UInt16](repeating: 0, count: RedisSlot.count)
  private(set) var nodes: [RedisNode] = []

  /// Nothing is known.
  init() {}

  /// Reads the answer to `CLUSTER SLOTS`; `asked` is who gave it, which may not know by which name it is called.
  init(_ reply: RedisReply, asked: RedisNode) {
    for range in reply.list {
      let words = range.list
      guard words.count > 2, let node = Self.node(words[2].list, asked) else { continue }
      let (first, last) = (Int(words[0].integer), Int(words[1].integer))
      guard 0 <= first, first <= last, last < RedisSlot.count else { continue }
      for slot in first...last { set(slot, node) }
    }
  }

  /// The master that has a slot.
  func owner(of slot: Int) -> RedisNode? { owners[slot] == 0 ? nil : nodes[Int(owners[slot]) - 1] }

  /// Notes who has a slot now.
  mutating func set(_ slot: Int, _ node: RedisNode) {
    let place = nodes.firstIndex(of: node) ?? nodes.endIndex
    if place == nodes.endIndex { nodes.append(node) }
    owners[slot] = UInt16(place + 1)
  }

  private static func node(_ words: [RedisReply], _ asked: RedisNode) -> RedisNode? {
    guard words.count > 1, let port = Int(words[1].text), port > 0 else { return nil }
    let host = words[0].text
    return RedisNode(host.isEmpty || host == "?" ? asked.host : host, port: port)
  }
}
