internal import Glibc
import SessionctlKit
internal import SystemCalls

/// A look at the unit that the daemon belongs to, if systemd runs it.
enum UnitExamination {
  /// How long systemctl may take.
  private static let patience = Duration.seconds(5)

  /// - Parameters:
  ///   - named: the unit; nil: the one in whose control group the process is.
  ///   - process: the daemon.
  static func facts(named: String?, process: Int) -> Known<UnitFacts> {
    var isOfUser = false
    let name: String
    if let named {
      name = named
    } else {
      do throws(SystemCallError) {
        guard let unit = ServiceUnit(of: try ControlGroups(of: "\(process)")) else {
          return .unknown("the daemon, process \(process), belongs to no service of systemd")
        }
        name = unit.name
        isOfUser = unit.isOfUser
      } catch {
        return .unknown("it is not known which service process \(process) belongs to: \(error)")
      }
    }
    let arguments =
      (isOfUser ? ["--user"] : []) + ["show", name, "--no-pager"]
      + UnitFacts.properties.map { "--property=\($0)" }
    do {
      let unit = UnitFacts(name: name, parsing: try Tool.output("systemctl", arguments, within: patience))
      // A daemon that was started from a shell is in the control group of whatever started that shell.
      guard unit.mainProcess == process else {
        return .unknown("the daemon, process \(process), is not the main process of \(name)")
      }
      return .known(unit)
    } catch {
      return .unknown("systemctl show \(name) failed: \(error)")
    }
  }
}
