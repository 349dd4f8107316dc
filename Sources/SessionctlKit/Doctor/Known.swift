/// Something that was looked at, or the reason why it could not be.
package enum Known<Value: Sendable>: Sendable {
  case known(Value)
  case unknown(String)
}

extension Known: Equatable where Value: Equatable {}
