/// Any JSON value. It can be written as a literal, keeps the order of an object's keys, and keeps numbers
/// as they were written.
///
///     let value: SessionValue = ["theme": "dark", "sizes": [1, 2.5], "beta": true, "note": nil]
public enum SessionValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A whole number within the range of `Int`.
  case int(Int)
  /// Any other number.
  case number(Number)
  case string(String)
  case array([SessionValue])
  case object(Object)

  /// A number with a fraction or an exponent. There is no JSON for infinity and NaN.
  public static func double(_ value: Double) -> SessionValue? {
    Number(value).map { $0.value }
  }
}

extension SessionValue {
  /// Whether this is JSON's null. (A key that is not there is no value at all.)
  public var isNull: Bool { self == .null }

  /// The truth value, if this is one. Numbers and strings are none.
  public var boolValue: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The number, if it is a whole one within the range of `Int` and written so: `42`, but not `42.0`.
  public var intValue: Int? {
    if case .int(let value) = self { value } else { nil }
  }

  /// The number rounded to the nearest `Double`, if this is one; infinity where it is too large for a `Double`.
  public var doubleValue: Double? {
    switch self {
    case .int(let value): Double(value)
    case .number(let number): number.doubleValue
    default: nil
    }
  }

  /// The text without its quotes and escapes, if this is a string. Numbers and truth values are none.
  public var stringValue: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The elements in their order, if this is an array.
  public var arrayValue: [SessionValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The keys and values in their order, if this is an object.
  public var objectValue: Object? {
    if case .object(let value) = self { value } else { nil }
  }

  /// The value of a key, if this is an object that has it.
  public subscript(key: String) -> SessionValue? { objectValue?[key] }

  /// The value at a place, if this is an array that reaches so far.
  public subscript(position: Int) -> SessionValue? {
    guard case .array(let values) = self, values.indices.contains(position) else { return nil }
    return values[position]
  }
}

extension SessionValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .int(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: SessionValue...) { self = .array(elements) }

  /// A literal too large for a `Double` becomes null, as JSON has no infinity.
  public init(floatLiteral value: Double) { self = .double(value) ?? .null }

  /// Of a key that is written twice, the last value counts.
  public init(dictionaryLiteral elements: (String, SessionValue)...) {
    self = .object(Object(elements))
  }
}
