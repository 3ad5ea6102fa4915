import PostgreSQLDriver
import Testing
import WorkerKit

@Suite("Connection strings", .timeLimit(.minutes(5)))
struct ConfigurationTests {
  @Test("URLs and keywords say the same, and the password is shown by neither")
  func reads() throws {
    for text in [
      "postgres://rose:sesame@db.example:5433/garden?sslmode=verify-full",
      "postgresql://rose:sesame@db.example:5433/garden?sslmode=verify-full",
      "host=db.example port=5433 dbname=garden user=rose password='sesame' sslmode=verify-full",
    ] {
      let configuration = try PostgresConfiguration(text)
      #expect(configuration.description == "host=db.example port=5433 dbname=garden user=rose sslmode=verify-full")
      var shown = ""
      dump(configuration, to: &shown)
      #expect(!shown.contains("sesame"))
      #expect(!"\(configuration)".contains("sesame"))
    }
  }

  @Test("The time that connecting may take can stand in the string")
  func readsTheTimeout() throws {
    #expect(try PostgresConfiguration("postgres://a@b/c?connect_timeout=9").connectTimeout == .seconds(9))
    #expect(try PostgresConfiguration("postgres://a@b/c").connectTimeout == .seconds(5))
    #expect(try PostgresConfiguration("postgres://a@b/c?connect_timeout=0").connectTimeout == .seconds(5))
  }

  @Test(
    "What cannot be read is refused without being repeated",
    arguments: [
      "postgres://rose:se@same@db/garden", "postgres://rose:se/same@db/garden", "postgres://rose:same@db/garden?x=y",
      "host=db password='same", "same", "postgres://rose:same@[::1/garden",
    ])
  func refuses(_ text: String) throws {
    let error = #expect(throws: DriverError.self) { try PostgresConfiguration(text) }
    #expect(error?.code == "postgres_url")
    #expect(error?.description.contains("same") == false)
  }
}
