/// What one session is at one moment, as long as its id is neither renamed nor revoked.
struct SessionState: Hashable {
  /// In the order in which the keys were first set; nil: there is no session.
  var fields: [Field]?
  /// The last version that was given here. It is kept when the session ends, since versions only grow.
  var version: UInt64 = 0
  /// Whether the version is known; otherwise it is the least that it can be, because the reply of the
  /// request that made it does not tell.
  var isVersionKnown = true

  /// What an operation with this reply would have made of the session.
  enum Step: Equatable {
    /// The reply is not what this session would have answered.
    case impossible
    /// The reply fits, and nothing changed.
    case same
    /// The reply fits, and either the session changed, or it is known better now.
    case changed(SessionState)
  }

  func step(_ call: Call, _ outcome: Outcome) -> Step {
    switch (call, outcome) {
    case (.set(let fields, let wanted), .version(let version)):
      set(fields, wanted, makes: version)
    case (.set(_, let wanted?), .conflict(let current)):
      wanted == current ? .impossible : having(version: current)
    case (.delete, .removed(let count)):
      count == (fields == nil ? 0 : 1) ? delete() : .impossible
    case (.deleteKeys(let keys), .removed(let count)):
      count == present(keys)?.count ?? 0 ? delete(keys) : .impossible
    case (.increment(let key, let amount), .number(let sum)):
      self.sum(key, amount) == sum ? set([Field(key, String(sum))], nil, makes: nil) : .impossible
    case (.increment(let key, let amount), .notANumber):
      sum(key, amount) == nil ? .same : .impossible
    case (.get(let key), .value(let value)):
      fields?.first { $0.key == key }?.value == value ? .same : .impossible
    case (.getAll, .fields(let found)):
      fields == found ? .same : .impossible
    case (.getMany(let keys), .fields(let found)):
      present(keys) == found ? .same : .impossible
    case (.info, .info(let version, let keys)):
      version > 0 && fields?.count == keys ? having(version: version) : .impossible
    case (.info, .missing):
      fields == nil ? .same : .impossible
    case (.exists, .exists(let exists)):
      exists == (fields != nil) ? .same : .impossible
    default: .impossible
    }
  }

  /// What becomes of it when a request is done whose reply nobody saw; `.same` where it does nothing.
  func stepUnseen(_ call: Call) -> Step {
    switch call {
    case .set(let fields, let wanted): set(fields, wanted, makes: nil)
    case .delete: delete()
    case .deleteKeys(let keys): delete(keys)
    case .increment(let key, let amount):
      sum(key, amount).map { set([Field(key, String($0))], nil, makes: nil) } ?? .same
    case .get, .getAll, .getMany, .info, .exists: .same
    case .rename, .revoke: preconditionFailure("is about more than one session or its end")
    }
  }

  /// What stands under an id to which this session was renamed, where `earlier` was, which is over: the same
  /// under a newer version than either had.
  func renamed(over earlier: SessionState) -> SessionState? {
    var next = self
    next.version = max(version, earlier.version)
    return next.advance(to: nil) ? next : nil
  }

  /// No session any more.
  var ended: SessionState { SessionState(fields: nil, version: version) }
}

extension SessionState {
  private func set(_ new: [Field], _ wanted: UInt64?, makes version: UInt64?) -> Step {
    var next = self
    if let wanted {
      switch having(version: wanted) {
      case .impossible: return .impossible
      case .same: break
      case .changed(let known): next = known
      }
    }
    guard next.advance(to: version) else { return .impossible }
    var fields = next.fields ?? []
    for field in new {
      if let place = fields.firstIndex(where: { $0.key == field.key }) {
        fields[place].value = field.value
      } else {
        fields.append(field)
      }
    }
    next.fields = fields
    return .changed(next)
  }

  private func delete() -> Step {
    fields == nil ? .same : .changed(ended)
  }

  private func delete(_ keys: [String]) -> Step {
    guard let fields, let found = present(keys), !found.isEmpty else { return .same }
    var next = self
    guard next.advance(to: nil) else { return .impossible }
    next.fields = fields.filter { !keys.contains($0.key) }
    return .changed(next)
  }

  /// A newer version: the one that a reply told, or any.
  private mutating func advance(to told: UInt64?) -> Bool {
    guard version < .max, told ?? .max > version else { return false }
    version = told ?? version + 1
    isVersionKnown = told != nil
    return true
  }

  /// That the session has this version, 0: that there is none.
  func having(version wanted: UInt64) -> Step {
    guard fields != nil else { return wanted == 0 ? .same : .impossible }
    if isVersionKnown { return wanted == version ? .same : .impossible }
    guard wanted >= version else { return .impossible }
    return .changed(SessionState(fields: fields, version: wanted))
  }

  /// Those of the keys that there are, in the session's order.
  private func present(_ keys: [String]) -> [Field]? {
    fields?.filter { keys.contains($0.key) }
  }

  /// nil where the value is no whole number or the sum does not fit.
  private func sum(_ key: String, _ amount: Int64) -> Int64? {
    guard let text = fields?.first(where: { $0.key == key })?.value else { return amount }
    guard let number = Int64(text) else { return nil }
    let (sum, overflow) = number.addingReportingOverflow(amount)
    return overflow ? nil : sum
  }
}

extension SessionState: CustomStringConvertible {
  var description: String {
    let known = isVersionKnown ? "\(version)" : "\(version) or newer"
    guard let fields else { return "no session, last version \(known)" }
    return "version \(known), \(fields.map { "\($0.key)=\($0.value)" }.joined(separator: " "))"
  }
}
