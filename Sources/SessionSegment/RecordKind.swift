/// What a record says of its session id.
public enum RecordKind: UInt8, Sendable {
  /// There is such a session.
  case session = 0
  /// There was one, which was revoked or renamed: nothing begins it anew until the mark's time is over.
  case mark = 1
  /// The session has another id now, under which it is still read for a while.
  case alias = 2
  /// The store has nothing under the id, or is to have nothing: so nobody need ask it.
  case absence = 3
}
