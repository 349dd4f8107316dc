package import SessionClient

/// All that a diagnosis rests on.
package struct DoctorFacts: Sendable {
  /// What the daemon said at first, and what a moment later.
  package var first: DaemonReport
  package var last: DaemonReport
  /// The store as it was before sessions were listed, for which it is given all that it has not got.
  package var store: ServerStatistics.Store?
  package var socket: Known<SocketFacts>
  package var segment: Known<SegmentFacts>
  package var sessions: Known<SessionFacts>
  package var unit: Known<UnitFacts>

  package init(
    first: DaemonReport, last: DaemonReport, store: ServerStatistics.Store?, socket: Known<SocketFacts>,
    segment: Known<SegmentFacts>,
    sessions: Known<SessionFacts>, unit: Known<UnitFacts>
  ) {
    self.first = first
    self.last = last
    self.store = store
    self.socket = socket
    self.segment = segment
    self.sessions = sessions
    self.unit = unit
  }
}
