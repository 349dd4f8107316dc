/// What a look at sessions told.
package struct SessionFacts: Equatable, Sendable {
  /// The idle times of some of them, in seconds.
  let idleTimes: [Double]
  /// How many the daemon lists; nil where there are too many to be counted so.
  let listed: Int?

  package init(idleTimes: [Double], listed: Int?) {
    self.idleTimes = idleTimes
    self.listed = listed
  }

  /// The idle time that half of them have at most; nil where there are none.
  var typicalIdleTime: Double? {
    idleTimes.isEmpty ? nil : idleTimes.sorted()[(idleTimes.count - 1) / 2]
  }
}
