public import Logging

/// Writes log lines as JSON objects, one a line: `time`, `level`, `message`, `logger`, and the fields beside them.
public struct JSONLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level = .info
  private let label: String
  private let time: any TimeSource
  private let write: @Sendable ([UInt8]) -> Void

  /// A handler for one logger; `write` gets whole lines, the newline included.
  public init(label: String, time: any TimeSource, write: @escaping @Sendable ([UInt8]) -> Void) {
    self.label = label
    self.time = time
    self.write = write
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var fields: [String: JSON] = [:]
    for (key, value) in metadata { fields[key] = Self.json(value) }
    for (key, value) in event.metadata ?? [:] { fields[key] = Self.json(value) }
    fields["time"] = .string(time.now.description)
    fields["level"] = .string(event.level.rawValue)
    fields["message"] = .string(event.message.description)
    fields["logger"] = .string(label)
    write(JSON.object(fields).bytes() + [UInt8(ascii: "\n")])
  }

  private static func json(_ value: Logger.Metadata.Value) -> JSON {
    switch value {
    case .string(let text): .string(text)
    case .stringConvertible(let value): .string(value.description)
    case .array(let values): .array(values.map(json))
    case .dictionary(let values): .object(values.mapValues(json))
    }
  }
}
