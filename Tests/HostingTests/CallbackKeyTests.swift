import Testing
import WorkerKit

@Suite("The tokens of callbacks")
struct CallbackKeyTests {
  private let key = CallbackKey([UInt8](1...32))
  private let attempt = FencedJob(job: "job-1", fence: Fence(rawValue: 12))

  @Test("A token is good for its job and tells its attempt")
  func isGood() throws {
    let key = try #require(key)
    let token = key.token(for: attempt)
    #expect(token.hasPrefix("12."))
    #expect(token.utf8.count == 3 + 64)
    #expect(key.fence(in: token, of: "job-1") == Fence(rawValue: 12))
    #expect(key.token(for: attempt) == token)
  }

  @Test("It is good for no other job, no other attempt, and no other key")
  func isBound() throws {
    let key = try #require(key)
    let token = key.token(for: attempt)
    #expect(key.fence(in: token, of: "job-2") == nil)
    #expect(key.fence(in: "13" + token.dropFirst(2), of: "job-1") == nil)
    let other = try #require(CallbackKey([UInt8](repeating: 0, count: 32)))
    #expect(other.fence(in: token, of: "job-1") == nil)
  }

  @Test(
    "What is no token is none",
    arguments: [
      "", ".", "12", "12.", ".00", "12.zz", "12.\(String(repeating: "0", count: 64))",
      "x.\(String(repeating: "0", count: 64))",
      "12.\(String(repeating: "é", count: 32))", "12.\(String(repeating: "0", count: 64)).1",
    ])
  func isNone(_ text: String) throws {
    #expect(try #require(key).fence(in: text, of: "job-1") == nil)
  }

  @Test("A changed digit anywhere makes it none")
  func isWhole() throws {
    let key = try #require(key)
    let token = Array(key.token(for: attempt).utf8)
    for index in 3..<token.count {
      var changed = token
      changed[index] = changed[index] == 0x30 ? 0x31 : 0x30
      #expect(key.fence(in: String(decoding: changed, as: UTF8.self), of: "job-1") == nil)
    }
  }

  @Test("A key has 32 bytes")
  func hasItsLength() {
    #expect(CallbackKey([]) == nil)
    #expect(CallbackKey([UInt8](repeating: 1, count: 31)) == nil)
  }
}
