extension SessionValue {
  /// The keys and values of a JSON object, in order.
  ///
  /// Two objects are equal when they have the same keys with the same values, in whatever order.
  public struct Object: Sendable {
    private var list = KeyedList<SessionValue>()

    /// An object without a key.
    public init() {}

    /// Of a key that comes twice, the last value counts, at the place of the first.
    public init(_ entries: some Sequence<(String, SessionValue)>) {
      for (key, value) in entries { self[key] = value }
    }

    /// The keys, each once, in the order in which they came.
    public var keys: [String] { list.keys }

    /// The value of a key. A new key goes to the end, a replaced value keeps its place, and setting nothing
    /// removes the key. (To store a JSON null, set `.null`.)
    public subscript(key: String) -> SessionValue? {
      get { list[key] }
      set { list[key] = newValue }
    }
  }
}

extension SessionValue.Object: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { list.count }
  public subscript(position: Int) -> (key: String, value: SessionValue) { list.entries[position] }
}

extension SessionValue.Object: Equatable {
  public static func == (left: Self, right: Self) -> Bool {
    left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
  }
}

extension SessionValue.Object: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, SessionValue)...) {
    self.init(elements)
  }
}

extension SessionValue.Object: CustomStringConvertible {
  /// The JSON text.
  public var description: String { SessionValue.object(self).description }
}
