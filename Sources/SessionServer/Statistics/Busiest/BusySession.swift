/// A session, and how often it was used of late, about.
struct BusySession: Equatable {
  /// A secret: for the role `admin` alone.
  var id: [UInt8]
  var count: Int

  /// How many are told of.
  static let toldMost = 10

  /// The busiest ones, the busiest first.
  ///
  /// - Parameter samples: how often each was sampled.
  static func busiest(_ samples: [[UInt8]: Double]) -> [BusySession] {
    let all = samples.map { id, samples in
      BusySession(id: id, count: Int((samples * Double(UseSampler.usesPerSample)).rounded()))
    }
    let sorted = all.filter { $0.count > 0 }.sorted { one, other in
      one.count == other.count ? one.id.lexicographicallyPrecedes(other.id) : one.count > other.count
    }
    return Array(sorted.prefix(toldMost))
  }
}
