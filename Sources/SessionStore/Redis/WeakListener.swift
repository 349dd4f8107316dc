/// Who hears of changes, as long as he is there: he may own the store himself.
final class WeakListener: Sendable {
  weak let value: (any StoreListener)?

  init(_ value: (any StoreListener)?) {
    self.value = value
  }
}
