import SessionSegment

/// Looks for pages in a row that can be cleared at little cost, because little lies in them: two ends that move over
/// the segment one behind the other.
struct PageSearch {
  /// A run, or a page that is free.
  struct Piece {
    let pages: Range<Int>
    /// nil for a free page.
    let run: Int?
    /// Bytes of the blocks in use.
    let used: Int
    /// How many of the pages count: those of a large block do not, which may have to come back into the pages that
    /// are over.
    let counted: Int
  }

  /// How many pages are wanted.
  let count: Int
  /// The pieces between the two ends.
  private(set) var pieces: [Piece] = []
  /// Bytes in use in them.
  private(set) var used = 0
  private var pageCount = 0

  init(_ count: Int) {
    self.count = count
  }

  var hasEnough: Bool { pageCount >= count }

  /// Goes on by a piece, behind the one before, and leaves behind what is not needed for it.
  mutating func append(_ piece: Piece) {
    pieces.append(piece)
    pageCount += piece.counted
    used += piece.used
    var surplus = 0
    while pieces[surplus].counted == 0 || pageCount - pieces[surplus].counted >= count {
      pageCount -= pieces[surplus].counted
      used -= pieces[surplus].used
      surplus += 1
      if surplus == pieces.count { break }
    }
    pieces.removeFirst(surplus)
  }

  /// Begins anew: what lies between can't be cleared.
  mutating func restart() {
    pieces.removeAll(keepingCapacity: true)
    (pageCount, used) = (0, 0)
  }
}
