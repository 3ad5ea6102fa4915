import Testing
import TracingDriver

@Suite("The exporter's variables")
struct ConfigurationTests {
  private func read(_ variables: [String: String]) throws -> ExporterConfiguration? {
    try ExporterConfiguration.read { variables[$0] }
  }

  @Test("Without an endpoint, or switched off, there is no exporter")
  func isOffByItself() throws {
    #expect(try read(["OTEL_SERVICE_NAME": "api"]) == nil)
    #expect(
      try read(["OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"]) == nil)
  }

  @Test(
    "The path of traces is added to the general endpoint alone",
    arguments: [
      (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"], "http://localhost:4318/v1/traces"),
      (["OTEL_EXPORTER_OTLP_ENDPOINT": "https://c.example/otlp/"], "https://c.example/otlp/v1/traces"),
      (
        ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b/in"],
        "http://b/in"
      ),
    ])
  func findsTheURL(variables: [String: String], url: String) throws {
    let configuration = try #require(try read(variables))
    #expect(configuration.url == url)
    #expect(configuration.serviceName == "millrace")
    #expect(configuration.timeout == .seconds(10))
    #expect(configuration.spoolBytes == 268_435_456)
  }

  @Test("Headers are decoded; the name and the time are taken")
  func readsTheRest() throws {
    let configuration = try #require(
      try read([
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_SERVICE_NAME": "api",
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20a%3Db, x-tenant = one",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "250",
      ]))
    #expect(configuration.headers == ["authorization": "Bearer a=b", "x-tenant": "one"])
    #expect(configuration.serviceName == "api")
    #expect(configuration.timeout == .milliseconds(250))
  }

  @Test(
    "A variable that is not what it should be is named, and its value is not told",
    arguments: [
      ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector.internal:4318"), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://a b"),
      ("OTEL_EXPORTER_OTLP_HEADERS", "secret"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=%zz"),
      ("OTEL_EXPORTER_OTLP_HEADERS", "a=%0d%0ab"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
    ])
  func refuses(variable: String, value: String) {
    var variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"]
    variables[variable] = value
    let error = #expect(throws: ExporterProblem.self) { try read(variables) }
    #expect(error?.variable == variable)
    #expect(error?.description.contains(value) == false)
  }
}
