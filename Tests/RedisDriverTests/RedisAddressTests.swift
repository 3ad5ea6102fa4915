import RedisDriver
import Testing
import WorkerKit

@Suite("Where a Redis server is")
struct RedisAddressTests {
  @Test(arguments: [
    ("redis://cache", "cache:6379/0"), ("redis://cache:7000/3", "cache:7000/3"),
    ("redis://:secret@cache/2", "cache:6379/2"), ("redis://[::1]:7000", "[::1]:7000/0"),
    ("redis://app:s%40cret:with@cache:1", "cache:1/0"), ("unix:///run/redis.sock", "/run/redis.sock?db=0"),
    ("unix://app:secret@/run/redis.sock?db=4", "/run/redis.sock?db=4"),
  ]) func reads(url: String, description: String) throws {
    #expect(try RedisAddress(url: url).description == description)
  }

  @Test(arguments: [
    "cache:6379", "http://cache", "redis://", "redis://:6379", "redis://cache:0", "redis://cache:65536",
    "redis://cache:x", "redis://cache/first", "redis://cache/-1", "redis://cache?db=1", "redis://app@cache",
    "redis://a%zz:secret@cache", "unix://run/redis.sock", "unix:///", "unix:///run/redis.sock?base=1",
    "rediss://cache",
  ]) func refuses(url: String) {
    let error = #expect(throws: DriverError.self) { try RedisAddress(url: url) }
    #expect(error?.kind == .refused)
    #expect(error?.detail == "")
    #expect(error?.message.hasSuffix(".") == true)
  }

  @Test("A password shows in no description and no dump")
  func hidesPassword() throws {
    let address = try RedisAddress(url: "redis://app:open-sesame@cache", password: "sesame-two")
    var dumped = ""
    dump(RedisSettings(address), to: &dumped)
    for text in ["\(address)", String(reflecting: RedisSettings(address)), dumped] {
      #expect(!text.contains("sesame"))
    }
  }
}
