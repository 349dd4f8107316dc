/// What a read of one key comes to, before it is made a value of the type that was asked for.
enum PlainValue {
  case string(String)
  case int(Int)
  case bool(Bool)
  case double(Double)
  /// The JSON text where the type is another, or the text not as plain as it usually is.
  case json([UInt8])
  /// No such session, or no such key.
  case nothing
  /// The daemon must be asked.
  case unknown

  /// The types that are read without a coder.
  enum Kind {
    case string, int, bool, double, other

    @inline(__always)
    init(_ type: any Any.Type) {
      self =
        type == String.self
        ? .string
        : type == Int.self ? .int : type == Bool.self ? .bool : type == Double.self ? .double : .other
    }
  }

  @inline(__always)
  init(_ json: Span<UInt8>, _ kind: Kind) {
    switch kind {
    case .string:
      if let text = PlainJSON.string(json) {
        self = .string(text)
        return
      }
    case .int:
      if let number = PlainJSON.integer(json) {
        self = .int(number)
        return
      }
    case .bool:
      if let truth = PlainJSON.truth(json) {
        self = .bool(truth)
        return
      }
    case .double:
      if let number = PlainJSON.double(json) {
        self = .double(number)
        return
      }
    case .other:
      break
    }
    self = .json(Array(json))
  }

  var isUnknown: Bool {
    if case .unknown = self { true } else { false }
  }
}
