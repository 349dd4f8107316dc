public import SessionStore

extension Store {
  /// What can be read under some ids, in their order; nil where there is nothing, or what is damaged.
  public func records(_ ids: [[UInt8]]) throws(StoreError) -> [StoredRecord?] { try load(ids).map(\.record) }
}
