/// Which records a rename is about to put into the index and to take out of it, as offsets in the segment. It
/// stands in the header from before its first store in the index until after its last.
public struct RenameIntent: Sendable, Equatable {
  /// The session under its old id.
  public var old: Int
  /// The mark or alias that takes its place.
  public var ending: Int
  /// The session under its new id.
  public var new: Int

  public init(old: Int, ending: Int, new: Int) {
    self.old = old
    self.ending = ending
    self.new = new
  }
}
