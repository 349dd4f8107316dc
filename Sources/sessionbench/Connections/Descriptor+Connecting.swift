import Glibc
import SystemCalls

extension Descriptor {
  /// A Unix stream socket that is connected to a path, and blocks.
  static func connected(to path: String) throws -> Descriptor {
    guard let address = UnixAddress(path: path) else {
      throw BenchmarkFailure("\(path) can't be the path of a socket")
    }
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = Descriptor(owning: try systemCall("socket") { Glibc.socket(AF_UNIX, type, 0) })
    let number = descriptor.number
    _ = try systemCall("connect") { address.withSocketAddress { Glibc.connect(number, $0, $1) } }
    return descriptor
  }
}
