import RedisDriver
import Testing
import WorkerKit

@Suite("Where a Redis server is")
struct RedisAddressTests {
  @Test(arguments: [
    ("redis://cache", "cache:6379/0"), ("redis://cache:7000/3", "cache:7000/3"),
    ("redis://:secret@cache/2", "cache:6379/2"), ("redis://[::1]:7000", "[::1]:7000/0"),
    ("redis://app:s%40cret:with@cache:1", "cache:1/0"), ("unix:///run/redis.sock", "/run/redis.sock?db=0"),
    ("unix://app:secret@/run/redis.sock?db=4", "/run/redis.sock?db=4"), ("redis://cache/", "cache:6379/0"),
    ("redis+sentinel://one,[::1]:7000/mill", "mill/0 by the Sentinels one:26379, [::1]:7000"),
    ("redis+sentinel://a:b@one:1,two:2/my%20mill/3?sentinel_password=c", "my mill/3 by the Sentinels one:1, two:2"),
    ("redis+sentinel://one/mill/?sentinel_user=a&sentinel_password=%26", "mill/0 by the Sentinels one:26379"),
    ("redis+cluster://a:b@one,two:7000", "the cluster of one:6379, two:7000"),
    ("redis+cluster://one/", "the cluster of one:6379"),
  ]) func reads(url: String, description: String) throws {
    #expect(try RedisAddress(url: url).description == description)
  }

  @Test(arguments: [
    "cache:6379", "http://cache", "redis://", "redis://:6379", "redis://cache:0", "redis://cache:65536",
    "redis://cache:x", "redis://cache/first", "redis://cache/-1", "redis://cache?db=1", "redis://app@cache",
    "redis://a%zz:secret@cache", "unix://run/redis.sock", "unix:///", "unix:///run/redis.sock?base=1",
    "rediss://cache", "rediss+sentinel://one/mill", "redis://one,two", "redis://one/0/1", "redis+sentinel://one",
    "redis+sentinel:///mill", "redis+sentinel://one,/mill", "redis+sentinel://one//0", "redis+sentinel://one/mill/x",
    "redis+sentinel://one/mill/0/1", "redis+sentinel://one/mill?password=a",
    "redis+sentinel://one/mill?sentinel_user=a", "redis+sentinel://one/mill?sentinel_password=%zz", "sentinel://one",
    "redis+cluster://", "redis+cluster://one/1", "redis+cluster://one?a=b",
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
    let sentinels = try RedisAddress(
      url: "redis+sentinel://:open-sesame@one/mill?sentinel_password=sesame-two&sentinel_user=app")
    dump(RedisSettings(sentinels), to: &dumped)
    for text in ["\(address)", "\(sentinels)", String(reflecting: RedisSettings(address)), dumped] {
      #expect(!text.contains("sesame"))
    }
  }
}
