import CLinux
import Glibc

/// A thread with a name (pthread_create(3)). Either `join` or `detach` is called, or its stack stays.
public struct ServiceThread: Sendable {
  private let handle: pthread_t

  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Starts it. `name` is shown by ps and gdb, 15 bytes of it.
  public init(name: String, body: @escaping @Sendable () -> Void) throws(SystemCallError) {
    let start = Unmanaged.passRetained(Start(name: String(name.prefix(15)), body: body))
    var handle = pthread_t()
    let code = pthread_create(
      &handle, nil,
      { argument in
        let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
        linux_name_thread(start.name)
        start.body()
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      start.release()
      throw SystemCallError("pthread_create", code)
    }
    self.handle = handle
  }

  /// Waits for its end; once.
  public func join() {
    pthread_join(handle, nil)
  }

  /// Lets it end by itself; instead of `join`, and once.
  public func detach() {
    pthread_detach(handle)
  }
}
