import Glibc
import SessionStore
import SystemCalls

/// What `sessiond --check-config` says: whether a daemon with these settings could start, without starting one. No
/// file is made or changed, and no store is asked.
public struct ConfigurationReport {
  /// Why it could not, a line each, in the words that the start would use.
  public let problems: [String]
  /// What it would warn of.
  public let warnings: [String]
  /// The settings in effect, a line each, in columns: name, value, where it comes from. Empty if they can't be told.
  public let settings: [String]

  public init(source: ConfigurationSource) {
    self.init(source: source, machine: .system, uid: getuid())
  }

  init(source: ConfigurationSource, machine: Machine, uid: UInt32) {
    let settled: SettledConfiguration
    do throws(ConfigurationError) {
      settled = try source.settle()
    } catch {
      (problems, warnings, settings) = (error.problems, [], [])
      return
    }
    // What the start makes before it makes the segment is judged by where it will be.
    let own = RuntimePaths.privateDirectory(uid)
    let directory = MachineCheck.directory(of: settled.configuration.segment)
    let isMadeAtStart =
      directory == own && settled.configuration.socket == RuntimePaths.privateSocket(uid)
      && access(own, F_OK) != 0
    var machine = machine
    if isMadeAtStart {
      let fileSystem = machine.fileSystem
      machine.fileSystem = { path throws(SystemCallError) in
        try fileSystem(path == own ? MachineCheck.directory(of: own) : path)
      }
    }
    let check = MachineCheck(settled, on: machine)
    var found = check.problems
    if !isMadeAtStart {
      let unmade = Self.fileProblems(settled, .segment, settled.configuration.segment)
      if found.isEmpty { found += unmade }
      if unmade.isEmpty { found += FileCheck(settled).segmentProblems }
    }
    let aboutSocket = Self.socketProblems(settled, uid)
    if source.isOfService {
      problems = found + Self.storeProblems(settled)
      warnings = check.warnings + aboutSocket.map { "\($0); of no effect if systemd hands a socket over" }
    } else {
      problems = found + aboutSocket + Self.storeProblems(settled)
      warnings = check.warnings
    }
    settings = Self.table(settled)
  }

  /// Whether this process may make a file.
  private static func fileProblems(_ settled: SettledConfiguration, _ setting: Setting, _ path: String)
    -> [String]
  {
    let directory = MachineCheck.directory(of: path)
    guard access(directory, W_OK | X_OK) != 0 else { return [] }
    let why = String(cString: strerror(errno))
    return ["\(settled.source(setting)): '\(path)' can't be made: \(directory): \(why)"]
  }

  private static func socketProblems(_ settled: SettledConfiguration, _ uid: UInt32) -> [String] {
    var problems: [String] = []
    let socket = settled.configuration.socket
    if socket != RuntimePaths.privateSocket(uid) {
      problems += fileProblems(settled, .socket, socket)
    } else if let problem = RuntimePaths.privateDirectoryProblem(uid) {
      problems.append(problem)
    }
    if problems.isEmpty { problems += FileCheck(settled).socketProblems }
    if let group = settled.configuration.socketGroup {
      do throws(ConfigurationError) {
        _ = try RuntimePaths.group(group, source: settled.source(.socketGroup))
      } catch {
        problems += error.problems
      }
    }
    return problems
  }

  private static func storeProblems(_ settled: SettledConfiguration) -> [String] {
    switch settled.configuration.store {
    case .none: return []
    case .sqlite(let path):
      let unmade = fileProblems(settled, .store, path)
      return unmade.isEmpty ? FileCheck(settled).storeProblems(path) : unmade
    case .redis:
      guard let path = settled.configuration.storeCredentials else { return [] }
      do throws(StoreCredentials.Failure) {
        _ = try StoreCredentials(file: path)
        return []
      } catch {
        return ["\(settled.source(.storeCredentials)): \(error)"]
      }
    }
  }

  private static func table(_ settled: SettledConfiguration) -> [String] {
    let rows = Setting.allCases.map {
      (name: $0.name, value: settled.configuration.text($0), place: settled.place($0))
    }
    let nameWidth = rows.map(\.name.count).max() ?? 0
    // One long path does not push all the others' last column out of the window.
    let valueWidth = rows.map(\.value.count).filter { $0 <= 40 }.max() ?? 0
    return rows.map { "\(padded($0.name, nameWidth))  \(padded($0.value, valueWidth))  \($0.place)" }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
