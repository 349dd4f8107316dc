/// One thread's way of making requests.
protocol RequestLoop: AnyObject {
  /// Makes requests for as long as the pacing has some, and returns when each of them has its reply.
  ///
  /// - Parameter latencies: gets how long each of them took.
  func run(_ pacing: Pacing, _ latencies: inout Latencies) throws
}
