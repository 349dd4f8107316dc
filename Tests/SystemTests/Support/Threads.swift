import Glibc
import Synchronization

/// Runs a body in so many threads at once and waits for all of them; throws the first error.
///
/// Threads rather than tasks, since the bodies block.
func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
  try StartedThreads(count, body).join()
}

/// Threads that run a body beside the test, which ends them by its own means and then joins them.
final class StartedThreads {
  private let firstError = SharedError()
  private var threads: [pthread_t] = []

  init(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    for index in 0..<count {
      let work = ThreadWork { [firstError] in
        do { try body(index) } catch { firstError.set(error) }
      }
      var thread = pthread_t()
      let code = pthread_create(
        &thread, nil,
        { argument in
          Unmanaged<ThreadWork>.fromOpaque(argument!).takeRetainedValue().body()
          return nil
        }, Unmanaged.passRetained(work).toOpaque())
      guard code == 0 else { throw SystemCallError(call: "pthread_create", code: code) }
      threads.append(thread)
    }
  }

  /// Waits for all of them; throws the first error.
  func join() throws {
    for thread in threads { pthread_join(thread, nil) }
    threads = []
    if let error = firstError.value { throw error }
  }

  /// The first error, while they run.
  var error: (any Error)? { firstError.value }
}

private final class ThreadWork: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private final class SharedError: Sendable {
  private let error = Mutex<(any Error)?>(nil)
  var value: (any Error)? { error.withLock { $0 } }
  func set(_ new: any Error) { error.withLock { if $0 == nil { $0 = new } } }
}
