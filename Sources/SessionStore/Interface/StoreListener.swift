/// Hears from a shared store what others do to it. Called by a thread of the store's own; must be quick.
public protocol StoreListener: AnyObject, Sendable {
  /// Others have changed these.
  func changed(_ ids: [[UInt8]])
  /// Changes may have been missed, or everything was changed: nothing that was loaded before can be relied on.
  func missedChanges()
  /// The channel that tells of changes is broken: the store counts as away until `open` has returned again.
  func lost(_ reason: String)
}
