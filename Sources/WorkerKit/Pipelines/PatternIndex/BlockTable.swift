/// Finds which of many blocks hold an IP address: one look-up for each length in use.
struct BlockTable {
  private var targets: [AddressBlock: [Int]] = [:]
  private let lengths: [Int]

  init(_ entries: [(block: AddressBlock, target: Int)]) {
    for entry in entries { targets[entry.block, default: []].append(entry.target) }
    lengths = Set(entries.map(\.block.length)).sorted()
  }

  var isEmpty: Bool { lengths.isEmpty }

  /// Adds the targets of the blocks that hold the address, if `text` is one.
  func find(_ text: String, into found: inout [Int], work: inout Int) {
    guard let address = IPAddress(text) else { return }
    for length in lengths where length <= address.bits {
      work += 1
      if let targets = targets[AddressBlock(of: address, length: length)] { found += targets }
    }
  }
}
