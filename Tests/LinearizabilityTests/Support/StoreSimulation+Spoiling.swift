import Linearizability

extension StoreSimulation {
  /// Changes a reply, or a time, or leaves an operation out: what was linearizable may not be any more.
  mutating func spoil(_ histories: inout [String: [Operation]]) {
    let ids = histories.keys.sorted()
    let id = ids[pick(ids.count)]
    if pick(4) == 0, let last = histories[id]?.popLast() {
      // Under another id.
      histories[ids[pick(ids.count)]]!.append(last)
    } else {
      spoil(&histories[id]!)
    }
    histories = histories.filter { !$0.value.isEmpty }
  }

  mutating func spoil(_ history: inout [Operation]) {
    let place = pick(history.count)
    switch pick(6) {
    case 0: history.remove(at: place)
    case 1: history[place].outcome = history[pick(history.count)].outcome
    case 2:
      let other = pick(history.count)
      (history[place].outcome, history[other].outcome) = (history[other].outcome, history[place].outcome)
    case 3:
      let length = Int64(1 + pick(100))
      history[place].begin = Int64(pick(history.count * 100 + 100))
      history[place].end = history[place].begin + length
    default: history[place].outcome = spoiled(history[place].outcome)
    }
  }

  private mutating func spoiled(_ outcome: Outcome?) -> Outcome? {
    switch outcome {
    case .version(let version)?: .version(version + UInt64(pick(3)))
    case .conflict(let current)?: .conflict(current: current + UInt64(pick(2)))
    case .removed(let count)?: .removed(count + 1 - pick(3))
    case .number(let number)?: .number(number + 1 - Int64(pick(3)))
    case .value?: .value([nil, "1", "2"][pick(3)])
    case .fields(let fields)?: .fields(fields.map { $0.reversed() })
    case .info(let version, let keys)?: .info(version: version + UInt64(pick(2)), keys: keys + pick(2))
    case .exists(let exists)?: .exists(!exists)
    case .missing?: [.info(version: UInt64(pick(5)), keys: 0), .renamed, .revoked][pick(3)]
    case .notANumber?: .number(1)
    case .renamed?: [.revoked, .missing][pick(2)]
    case .revoked?: [.renamed, .missing, .version(given(1)), .removed(pick(2))][pick(4)]
    case nil: nil
    }
  }

  private mutating func given(_ least: UInt64) -> UInt64 { least + UInt64(pick(6)) }
}
