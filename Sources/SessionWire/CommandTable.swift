/// Which command a packed word names: an open-addressed table, made once of the commands' own names. A
/// dictionary does the same with a hash that nobody can foresee, and here is nothing to be foreseen: only
/// the program puts names into it.
struct CommandTable: Sendable {
  static let all = CommandTable()

  private struct Slot {
    /// 0 where there is no command: no name packs to it.
    var name: UInt64 = 0
    var command = Command.hello
  }

  /// More than three slots for each command, so that a search ends soon, and ends.
  private static let slotBits: UInt64 = 7
  private var slots = [Slot](repeating: Slot(), count: 1 << CommandTable.slotBits)

  private init() {
    precondition(Command.allCases.count * 3 < slots.count)
    for command in Command.allCases {
      let name = PackedWord.pack(command.name)
      var slot = Self.home(of: name)
      while slots[slot].name != 0 { slot = Self.next(slot) }
      slots[slot] = Slot(name: name, command: command)
    }
  }

  subscript(word: UInt64) -> Command? {
    var slot = Self.home(of: word)
    while slots[slot].name != 0 {
      if slots[slot].name == word { return slots[slot].command }
      slot = Self.next(slot)
    }
    return nil
  }

  /// The upper bits of a product, to which all letters have contributed (Knuth, "The Art of Computer
  /// Programming", volume 3, section 6.4).
  @inline(__always)
  private static func home(of word: UInt64) -> Int {
    Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) &>> (64 - slotBits))
  }

  @inline(__always)
  private static func next(_ slot: Int) -> Int { (slot + 1) & (1 << slotBits - 1) }
}
