import SessionStore

/// A listing of ids on its way.
struct StoreListing: Sendable {
  let selection: StoreSelection
  var cursor: StoreCursor?
  /// How many ids a page has.
  let limit: Int
  let waiter: StoreWaiter
  /// Whether it begins: then the store is to have what is unsaved now.
  var begins: Bool
  /// Of one that is gathered from many pages.
  var gathered: TaggedIDs?

  /// A page as the store makes it.
  init(selection: StoreSelection, cursor: StoreCursor?, limit: Int, waiter: StoreWaiter) {
    self.selection = selection
    self.cursor = cursor
    self.limit = limit
    self.waiter = waiter
    begins = cursor == nil
  }

  /// The first `limit` ids with a tag behind an id, in the order of their bytes, as far as memory agrees. The store may
  /// list them in any order, so all of its pages are looked at.
  init(tag: [UInt8], after: [UInt8], limit: Int, waiter: StoreWaiter) {
    selection = .tag(tag)
    self.limit = StoreService.listedAtOnce
    self.waiter = waiter
    begins = true
    gathered = TaggedIDs(after: after, limit: limit)
  }
}
