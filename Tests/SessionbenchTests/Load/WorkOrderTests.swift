import Testing

@testable import sessionbench

@Suite("The order of a load's requests")
struct WorkOrderTests {
  private func order(
    _ keys: KeyDistribution = .uniform, sessions: Int = 100, reads: Int = 80, seed: UInt64 = 1
  ) -> WorkOrder {
    WorkOrder(sessions: sessions, keys, exponent: 0.99, reads: reads, seed: seed)
  }

  private func requests(_ order: WorkOrder, _ count: Int = 50_000) -> [WorkOrder.Request] {
    var order = order
    return (0..<count).map { _ in order.next() }
  }

  @Test("is repeated by its seed", arguments: [KeyDistribution.uniform, .zipf])
  func seed(_ keys: KeyDistribution) {
    #expect(requests(order(keys)) == requests(order(keys)))
    #expect(requests(order(keys)) != requests(order(keys, seed: 2)))
  }

  @Test("names sessions that there are, and all of a few", arguments: [KeyDistribution.uniform, .zipf])
  func sessions(_ keys: KeyDistribution) {
    for count in [1, 2, 100] {
      let named = Set(requests(order(keys, sessions: count)).map(\.session))
      #expect(named == Set(0..<count))
    }
  }

  @Test("reads as often as it is told", arguments: [0, 50, 80, 100])
  func reads(_ percent: Int) {
    let count = 50_000
    let reads = requests(order(reads: percent), count).count { !$0.isWrite }
    let part = Double(percent) / 100
    let deviation = 6 * (Double(count) * part * (1 - part)).squareRoot()
    #expect(abs(Double(reads) - Double(count) * part) <= deviation)
  }

  @Test("begins elsewhere for each of several threads")
  func parts() {
    let whole = order()
    let beginnings = (0..<4).map { requests(whole.part($0, of: 4), 100) }
    #expect(beginnings[0] == requests(whole, 100))
    for (index, one) in beginnings.enumerated() {
      for other in beginnings[(index + 1)...] { #expect(one != other) }
    }
  }
}
