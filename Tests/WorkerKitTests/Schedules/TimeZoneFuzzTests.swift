import Foundation
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Time zones: fuzz", .timeLimit(.minutes(60)))
struct TimeZoneFuzzTests {
  private static let names = ["Europe/Berlin", "Pacific/Apia", "Asia/Kolkata", "America/Nuuk", "Etc/GMT+5"]

  @Test("damaged files are read or refused, and what was read can be asked")
  func damaged() throws {
    var random = SeededGenerator.announced("time zone fuzz")
    let files = try Self.names.map {
      Array(try Data(contentsOf: URL(filePath: "\(TimeZoneFolder.system.path)/\($0)")))
    }
    let expressions = try ["*/5 * * * *", "30 2 * * *", "0 0 29 2 */7"].map { try CronExpression($0) }
    var (read, refused) = (0, 0)
    for _ in 0..<FuzzCount.of(3_000) {
      var bytes = files.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...4, using: &random) { Self.damage(&bytes, using: &random) }
      do {
        let rules = try TimeZoneRules(name: "fuzz", tzif: bytes)
        read += 1
        Self.ask(rules, expressions, using: &random)
      } catch {
        refused += 1
        #expect(error.kind == .damaged && !error.message.isEmpty)
      }
    }
    #expect(read > 0 && refused > 0, "\(read) read, \(refused) refused")
  }

  private static func ask(_ rules: TimeZoneRules, _ expressions: [CronExpression], using random: inout SeededGenerator)
  {
    let moment = Timestamp(milliseconds: Int64.random(in: -70_000_000_000_000...260_000_000_000_000, using: &random))
    #expect(abs(rules.offset(at: moment).components.seconds) <= 26 * 3600)
    for expression in expressions {
      if let next = expression.next(after: moment, in: rules) { #expect(next > moment) }
      if let previous = expression.previous(upTo: moment, in: rules) { #expect(previous <= moment) }
    }
  }

  private static func damage(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
    guard let index = bytes.indices.randomElement(using: &random) else { return }
    // Half of the damage is to the rule at the end.
    let place = Bool.random(using: &random) ? index : max(0, bytes.count - Int.random(in: 1...30, using: &random))
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes.remove(at: place)
    case 3: bytes.insert(Array("0123456789,./MJ<>-+\n:".utf8).randomElement(using: &random) ?? 0, at: place)
    case 4: bytes.removeSubrange(place..<min(bytes.count, place + 8))
    default: bytes[place] = Array("0123456789,./MJ<>-+\n:".utf8).randomElement(using: &random) ?? 0
    }
  }
}
