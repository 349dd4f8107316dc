/// The mapping that reads are answered from, and those that were: a read that began before a mapping was
/// replaced may be at it still, so none is unmapped while the client lives. (What stays of a retired one
/// is a range of addresses.)
///
/// Guarded by the engine's lock. (Safe to share: the views behind the addresses never change.)
struct MappingShelf: ~Copyable, @unchecked Sendable {
  /// The one in use.
  private(set) var current: UnsafePointer<MappedView>?
  private var views: [UnsafePointer<MappedView>] = []

  /// - Parameter inherited: of the process that this one was forked from; the shelf takes it over.
  init(inheriting inherited: UnsafePointer<MappedView>?) {
    current = inherited
    if let inherited { views.append(inherited) }
  }

  deinit {
    for view in views {
      // Each was allocated and initialized by `put`, here or in the process before the fork.
      let view = UnsafeMutablePointer(mutating: view)
      view.deinitialize(count: 1)
      view.deallocate()
    }
  }

  /// Puts a view in the place of the one before.
  mutating func put(_ view: MappedView) {
    let place = UnsafeMutablePointer<MappedView>.allocate(capacity: 1)
    place.initialize(to: view)
    views.append(UnsafePointer(place))
    current = UnsafePointer(place)
  }

  /// Takes the current view out of use.
  ///
  /// - Returns: the view, to be retired.
  mutating func drop() -> MappedView? {
    guard let view = current?.pointee else { return nil }
    current = nil
    return view
  }

  /// Leaves the views to another owner.
  mutating func disown() {
    views = []
    current = nil
  }
}
