import TestSupport
import Testing

@testable import SessionWire

@Suite("The table of commands")
struct CommandTableTests {
  private let commands = Dictionary(uniqueKeysWithValues: Command.allCases.map { ($0.name, $0) })

  private func expectRight(_ word: String) {
    #expect(CommandTable.all[PackedWord.pack(word)] == commands[word], "\(word)")
  }

  @Test("has every command under its name")
  func names() {
    for command in Command.allCases {
      #expect(CommandTable.all[PackedWord.pack(command.name)] == command)
      #expect(Command(packed: PackedWord.pack(command.name)) == command)
    }
  }

  @Test("has nothing under no letter at all")
  func nothing() {
    #expect(CommandTable.all[0] == nil)
  }

  @Test("answers as a dictionary of the names does, whatever the letters")
  func randomWords() {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    var random = SplitMix64(seed: 11)
    for _ in 0..<5000 {
      let word = (0..<1 + random.pick(PackedWord.longest)).map { _ in letters[random.pick(26)] }
      expectRight(String(word))
    }
  }

  @Test("answers so for names with a letter more, less or changed")
  func nearNames() {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for name in commands.keys {
      expectRight(String(name.dropFirst()))
      expectRight(String(name.dropLast()))
      for letter in letters {
        expectRight(String(letter) + name)
        expectRight(name + String(letter))
        for index in name.indices {
          let end = name.index(after: index)
          expectRight(String(name[..<index]) + String(letter) + String(name[end...]))
        }
      }
    }
  }
}
