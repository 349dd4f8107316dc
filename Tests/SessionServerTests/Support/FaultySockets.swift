import Glibc
import SystemCalls

/// The real socket calls, of which the test lets some fail: the next ones on a socket, in order.
final class FaultySockets: @unchecked Sendable {
  enum Fault {
    case error(Int32)
    /// Only so many bytes go through.
    case atMost(Int)
    /// It takes so many milliseconds.
    case late(milliseconds: UInt32)
  }

  // Safe to share: everything that changes is guarded by `lock`.
  private let lock = MutexLock()
  private var receiving: [Int32: [Fault]] = [:]
  private var sending: [Int32: [Fault]] = [:]
  private var sendingDescriptors: [Int32: [Fault]] = [:]

  /// What was done with which socket, since `record`.
  struct Call: Equatable {
    let socket: Int32
    let isReceiving: Bool
  }

  private var history: [Call]?

  func record() {
    lock.withLock { history = [] }
  }

  var recorded: [Call] { lock.withLock { history ?? [] } }

  private func note(_ socket: Int32, isReceiving: Bool) {
    lock.withLock { history?.append(Call(socket: socket, isReceiving: isReceiving)) }
  }

  func failReceiving(on socket: Int32, _ faults: [Fault]) {
    lock.withLock { receiving[socket] = faults }
  }

  func failSending(on socket: Int32, _ faults: [Fault]) {
    lock.withLock { sending[socket] = faults }
  }

  func failSendingDescriptors(on socket: Int32, _ faults: [Fault]) {
    lock.withLock { sendingDescriptors[socket] = faults }
  }

  /// How many of the faults on a socket have not happened yet.
  func faultsLeft(on socket: Int32) -> Int {
    lock.withLock {
      [receiving, sending, sendingDescriptors].reduce(0) { $0 + ($1[socket]?.count ?? 0) }
    }
  }

  var calls: SocketCalls {
    let system = SocketCalls.system
    return SocketCalls(
      accept: system.accept,
      receive: { socket, buffer in
        self.note(socket, isReceiving: true)
        switch self.lock.withLock({ Self.next(&self.receiving[socket]) }) {
        case nil: return system.receive(socket, buffer)
        case .atMost(let count):
          return system.receive(socket, .init(rebasing: buffer[..<min(count, buffer.count)]))
        case .late(let milliseconds):
          usleep(1000 * milliseconds)
          return system.receive(socket, buffer)
        case .error(let code):
          errno = code
          return -1
        }
      },
      send: { socket, bytes in
        self.note(socket, isReceiving: false)
        switch self.lock.withLock({ Self.next(&self.sending[socket]) }) {
        case nil: return system.send(socket, bytes)
        case .atMost(let count):
          return system.send(socket, .init(rebasing: bytes[..<min(count, bytes.count)]))
        case .late(let milliseconds):
          usleep(1000 * milliseconds)
          return system.send(socket, bytes)
        case .error(let code):
          errno = code
          return -1
        }
      },
      sendDescriptor: { socket, bytes, descriptor in
        switch self.lock.withLock({ Self.next(&self.sendingDescriptors[socket]) }) {
        case nil: return system.sendDescriptor(socket, bytes, descriptor)
        case .atMost(let count):
          return system.sendDescriptor(socket, .init(rebasing: bytes[..<min(count, bytes.count)]), descriptor)
        case .late(let milliseconds):
          usleep(1000 * milliseconds)
          return system.sendDescriptor(socket, bytes, descriptor)
        case .error(let code):
          errno = code
          return -1
        }
      })
  }

  private static func next(_ faults: inout [Fault]?) -> Fault? {
    guard let count = faults?.count, count > 0 else { return nil }
    return faults?.removeFirst()
  }
}
