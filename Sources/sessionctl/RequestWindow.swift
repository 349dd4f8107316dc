/// Requests in flight on one connection, whose results are taken in the order in which they were sent.
struct RequestWindow<Result: Sendable> {
  /// So many are enough that the daemon never waits for this program, and few enough that sessions of a megabyte
  /// fit into memory.
  static var requestsMost: Int { 64 }

  private var tasks: [Task<Result, any Error>] = []
  /// Where the oldest one is.
  private var oldest = 0

  var isEmpty: Bool { oldest == tasks.count }
  var isFull: Bool { tasks.count - oldest >= Self.requestsMost }

  /// Sends a request. It is on its way when this returns, since the task runs up to its first wait at once, which is
  /// the one for the reply.
  mutating func send(_ request: @escaping @Sendable () async throws -> Result) {
    precondition(!isFull, "a result is taken before another request is sent")
    tasks.append(Task.immediate(operation: request))
  }

  /// Waits for the result of the oldest request.
  mutating func next() async throws -> Result {
    let task = tasks[oldest]
    oldest += 1
    if oldest >= Self.requestsMost {
      tasks.removeFirst(oldest)
      oldest = 0
    }
    return try await task.value
  }

  /// Gives up all that are in flight.
  func cancel() {
    for task in tasks[oldest...] { task.cancel() }
  }
}
