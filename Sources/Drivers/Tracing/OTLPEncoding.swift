import Tracing
import WorkerKit

/// Writes spans as an `ExportTraceServiceRequest` in the JSON mapping of OTLP 1.x
/// (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in hexadecimal, 64-bit numbers as texts,
/// enumerations as numbers.
enum OTLPEncoding {
  /// The longest text of an attribute, in Unicode scalars.
  private static let longestText = 1024

  static func request(_ spans: [FinishedSpan], resource: [String: String]) -> [UInt8] {
    let attributes = resource.sorted { $0.key < $1.key }.map { pair($0.key, ["stringValue": .string($0.value)]) }
    let scope: JSON = ["name": "millrace", "version": .string(resource["service.version"] ?? "")]
    let request: JSON = [
      "resourceSpans": [
        [
          "resource": ["attributes": .array(attributes)],
          "scopeSpans": [["scope": scope, "spans": .array(spans.map(json))]],
        ]
      ]
    ]
    return request.bytes()
  }

  static func json(_ span: FinishedSpan) -> JSON {
    let details = span.details
    var members: [String: JSON] = [
      "traceId": .string(span.place.traceID.description), "spanId": .string(span.place.spanID.description),
      "flags": 1, "name": .string(text(span.name)), "kind": .integer(number(of: span.kind)),
      "startTimeUnixNano": .string(String(span.start)), "endTimeUnixNano": .string(String(span.end)),
      "attributes": json(details.attributes),
    ]
    members["parentSpanId"] = span.parent.map { .string($0.description) }
    members["traceState"] = span.place.state.map { .string($0) }
    if !details.events.isEmpty { members["events"] = .array(details.events.map(json)) }
    let links = details.links.compactMap(json)
    if !links.isEmpty { members["links"] = .array(links) }
    if let status = details.status { members["status"] = ["code": status.code == .ok ? 1 : 2] }
    let dropped = [
      "droppedAttributesCount": details.droppedAttributes, "droppedEventsCount": details.droppedEvents,
      "droppedLinksCount": details.droppedLinks,
    ]
    for (key, count) in dropped where count > 0 { members[key] = .integer(Int64(count)) }
    return .object(members)
  }

  private static func json(_ event: SpanEvent) -> JSON {
    [
      "timeUnixNano": .string(String(event.nanosecondsSinceEpoch)), "name": .string(text(event.name)),
      "attributes": json(event.attributes),
    ]
  }

  private static func json(_ link: SpanLink) -> JSON? {
    guard let place = link.context.trace else { return nil }
    return [
      "traceId": .string(place.traceID.description), "spanId": .string(place.spanID.description), "flags": 1,
      "attributes": json(link.attributes),
    ]
  }

  private static func json(_ attributes: SpanAttributes) -> JSON {
    var pairs: [(key: String, value: JSON)] = []
    attributes.forEach { key, value in pairs.append((key, json(value))) }
    return .array(pairs.sorted { $0.key < $1.key }.map { pair($0.key, $0.value) })
  }

  private static func pair(_ key: String, _ value: JSON) -> JSON { ["key": .string(key), "value": value] }

  private static func json(_ value: SpanAttribute) -> JSON {
    switch value {
    case .int32(let number): json(Int64(number))
    case .int64(let number): json(number)
    case .int32Array(let numbers): list(numbers.map { json(Int64($0)) })
    case .int64Array(let numbers): list(numbers.map(json))
    case .double(let number): ["doubleValue": .double(number)]
    case .doubleArray(let numbers): list(numbers.map { ["doubleValue": .double($0)] })
    case .bool(let value): ["boolValue": .bool(value)]
    case .boolArray(let values): list(values.map { ["boolValue": .bool($0)] })
    case .string(let text): json(text)
    case .stringArray(let texts): list(texts.map(json))
    case .stringConvertible(let value): json(value.description)
    case .stringConvertibleArray(let values): list(values.map { json($0.description) })
    default: json("")
    }
  }

  private static func json(_ number: Int64) -> JSON { ["intValue": .string(String(number))] }
  private static func json(_ value: String) -> JSON { ["stringValue": .string(text(value))] }
  private static func list(_ values: [JSON]) -> JSON { ["arrayValue": ["values": .array(values)]] }

  private static func text(_ text: String) -> String {
    text.utf8.count <= longestText ? text : String(text.unicodeScalars.prefix(longestText))
  }

  private static func number(of kind: SpanKind) -> Int64 {
    switch kind {
    case .internal: 1
    case .server: 2
    case .client: 3
    case .producer: 4
    case .consumer: 5
    }
  }
}
