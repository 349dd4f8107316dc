import Glibc
import SessionServer

extension Server.StartError {
  /// sysexits(3h): systemd does not restart a daemon that ends with 78.
  var exitCode: Int32 {
    switch self {
    case .configuration, .settings: EX_CONFIG
    case .taken: EX_TEMPFAIL
    case .system: EXIT_FAILURE
    }
  }
}
