/// For values inside types of your own. The client itself reads and writes a `SessionValue` without a
/// coder, and only so are the order of keys and the text of numbers kept.
extension SessionValue: Codable {
  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: AnyKey.self) {
      self = .object(try Object(container))
      return
    }
    if var container = try? decoder.unkeyedContainer() {
      var values: [SessionValue] = []
      while !container.isAtEnd { values.append(try container.decode(SessionValue.self)) }
      self = .array(values)
      return
    }
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self), let number = Number(value) {
      self = .number(number)
    } else {
      self = .string(try container.decode(String.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .object(let object):
      try object.encode(to: encoder)
    case .array(let values):
      try values.encode(to: encoder)
    case .null:
      var container = encoder.singleValueContainer()
      try container.encodeNil()
    case .bool(let value):
      try value.encode(to: encoder)
    case .int(let value):
      try value.encode(to: encoder)
    case .number(let number):
      try number.doubleValue.encode(to: encoder)
    case .string(let value):
      try value.encode(to: encoder)
    }
  }
}

extension SessionValue.Object: Codable {
  public init(from decoder: any Decoder) throws {
    self = try Self(decoder.container(keyedBy: AnyKey.self))
  }

  fileprivate init(_ container: KeyedDecodingContainer<AnyKey>) throws {
    self.init()
    for key in container.allKeys {
      self[key.stringValue] = try container.decode(SessionValue.self, forKey: key)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyKey.self)
    for (key, value) in self { try container.encode(value, forKey: AnyKey(stringValue: key)) }
  }
}

/// Any string as a key.
private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
