/// Values by key, in the order in which their keys first came.
struct KeyedList<Value> {
  private(set) var entries: [(key: String, value: Value)] = []
  /// Where each key is. Empty while the keys are few.
  private var positions: [Name: Int] = [:]

  /// Up to so many keys are compared one after the other; more are hashed.
  private static var scanned: Int { 8 }

  var count: Int { entries.count }
  var keys: [String] { entries.map(\.key) }

  /// The value of a key. A new key goes to the end, a replaced value keeps its place, and setting nothing
  /// removes the key.
  subscript(key: String) -> Value? {
    get { position(of: key).map { entries[$0].value } }
    set {
      switch (position(of: key), newValue) {
      case (let position?, let value?): entries[position].value = value
      case (nil, let value?): append(key, value)
      case (let position?, nil): remove(at: position)
      case (nil, nil): break
      }
    }
  }

  /// Removes keys in one go, which with many is much quicker than one by one; how many there were.
  mutating func remove(_ names: Set<Name>) -> Int {
    let before = entries.count
    entries.removeAll { names.contains(Name($0.key)) }
    guard entries.count < before else { return 0 }
    if !positions.isEmpty {
      positions.removeAll(keepingCapacity: true)
      index(from: 0)
    }
    return before - entries.count
  }

  private func position(of key: String) -> Int? {
    let name = Name(key)
    if positions.isEmpty { return entries.firstIndex { Name($0.key) == name } }
    return positions[name]
  }

  private mutating func append(_ key: String, _ value: Value) {
    entries.append((key, value))
    if !positions.isEmpty {
      positions[Name(key)] = entries.count - 1
    } else if entries.count > Self.scanned {
      index(from: 0)
    }
  }

  private mutating func remove(at position: Int) {
    let key = entries.remove(at: position).key
    guard !positions.isEmpty else { return }
    positions[Name(key)] = nil
    index(from: position)
  }

  private mutating func index(from start: Int) {
    for position in start..<entries.count { positions[Name(entries[position].key)] = position }
  }
}

extension KeyedList: Sendable where Value: Sendable {}
