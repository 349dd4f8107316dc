import TestSupport
import Testing

@testable import SessionClient

@Suite("Lists by key") struct KeyedListTests {
  @Test("do what a plain list does, small and large")
  func model() {
    var random = SplitMix64(seed: 11)
    for size in [3, 9, 40] {
      var list = KeyedList<Int>()
      var model: [(key: String, value: Int)] = []
      for round in 0..<2_000 {
        let key = "k\(Int.random(in: 0..<size, using: &random))"
        let position = model.firstIndex { $0.key == key }
        #expect(list[key] == position.map { model[$0].value })
        switch Int.random(in: 0..<5, using: &random) {
        case 0..<3:
          list[key] = round
          if let position { model[position].value = round } else { model.append((key, round)) }
        case 3:
          list[key] = nil
          if let position { model.remove(at: position) }
        default:
          let names = Set([key, "k1", "k2"].map { Name($0) })
          let before = model.count
          model.removeAll { names.contains(Name($0.key)) }
          #expect(list.remove(names) == before - model.count)
        }
        #expect(list.keys == model.map(\.key))
        #expect(list.count == model.count)
      }
    }
  }

  @Test("keys that look alike are two")
  func spellings() throws {
    let object: SessionValue.Object = ["caf\u{E9}": 1, "cafe\u{301}": 2]
    #expect(object.count == 2)
    #expect(object["cafe\u{301}"] == 2)
    #expect(try SessionValue(json: object.description).objectValue?.count == 2)
  }

  @Test("random ids are all of their bits in 22 characters, by RFC 4648")
  func randomIDs() throws {
    #expect(RandomID.text(0, 0) == "AAAAAAAAAAAAAAAAAAAAAA")
    #expect(RandomID.text(.max, .max) == "_____________________w")
    #expect(RandomID.text(0x0011_2233_4455_6677, 0x8899_aabb_ccdd_eeff) == "ABEiM0RVZneImaq7zN3u_w")
    #expect(try Set((0..<100).map { _ in try RandomID.make() }).count == 100)
  }
}
