import Glibc
import SystemCalls

/// Where settings come from: flags go before the environment, and that before the file. It can be asked
/// again, since the file may have changed.
public struct ConfigurationSource: Sendable {
  /// The file that is read where it exists and no other is named.
  public static let defaultPath = "/etc/sessiond/sessiond.conf"
  /// Far more than a file with every setting has.
  private static let fileBytesMost = 1 << 20

  private let flags: [Setting: String]
  private let environment: [String: String]
  /// The file named with `--config` or `SESSIOND_CONFIG`, and with which; nil: none is named.
  private let named: (origin: String, path: String)?

  private static let pathVariable = "SESSIOND_CONFIG"

  public init(flags: [Setting: String], config: String?, environment: [String: String]) {
    self.flags = flags
    self.environment = environment
    named =
      config.map { (origin: "--config", path: $0) }
      ?? environment[Self.pathVariable].map { (origin: Self.pathVariable, path: $0) }
  }

  /// This process's environment.
  public static var processEnvironment: [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if let equals = line.firstIndex(of: "=") {
        result[String(line[..<equals])] = String(line[line.index(after: equals)...])
      }
      entry += 1
    }
    return result
  }

  /// Whether it is systemd's word which directories there are, so that the socket is handed over, too.
  var isOfService: Bool {
    ["RUNTIME_DIRECTORY", "STATE_DIRECTORY"].contains { environment[$0]?.isEmpty == false }
  }

  public func read() throws(ConfigurationError) -> ServerConfiguration { try settle().configuration }

  /// - Throws: everything that is wrong, wherever it stands.
  func settle() throws(ConfigurationError) -> SettledConfiguration {
    var values: [Setting: SourcedValue] = [:]
    var problems: [String] = []
    var warnings: [String] = []
    do throws(ConfigurationError) {
      if let file = try file() {
        values = file.values
        problems = file.problems
        warnings = file.warnings
      }
    } catch {
      problems = error.problems
    }
    problems += misspelledVariables
    for setting in Setting.allCases {
      if let text = environment[setting.environmentName] {
        values[setting] = SourcedValue(setting: setting, text: text, origin: .environment)
      }
      if let text = flags[setting] {
        values[setting] = SourcedValue(setting: setting, text: text, origin: .flag)
      }
    }
    let reader = SettingReader(values: values, defaults: defaults)
    let read = Result { () throws(ConfigurationError) in try reader.configuration() }
    switch read {
    case .success(let configuration):
      if let error = ConfigurationError(problems: problems) { throw error }
      warnings += reader.settingsOfNoStore(configuration)
      return SettledConfiguration(configuration: configuration, values: values, warnings: warnings)
    case .failure(let error): throw error.behind(problems)
    }
  }

  /// Variables that look like a setting's and are none: the setting would have its default without a word. Others
  /// with the prefix may be anybody's (`SESSIOND_PORT` is what some container managers set for a service of this
  /// name).
  private var misspelledVariables: [String] {
    environment.keys.sorted().compactMap { name in
      guard name.hasPrefix(Setting.environmentPrefix), name != Self.pathVariable else { return nil }
      let key = name.dropFirst(Setting.environmentPrefix.count)
      guard !Setting.allCases.contains(where: { $0.environmentName == name }),
        let meant = Setting.resembling(key)
      else { return nil }
      return "\(name): there is no such setting; did you mean \(meant.environmentName)?"
    }
  }

  private var defaults: SettingReader.Defaults {
    SettingReader.Defaults(
      socket: RuntimePaths.defaultSocket(environment: environment, uid: getuid()),
      runtimeDirectory: environment["RUNTIME_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 },
      stateDirectory: environment["STATE_DIRECTORY"].flatMap {
        $0.split(separator: ":").first.map(String.init)
      },
      credentials: RuntimePaths.credentials(environment: environment),
      cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  private func file() throws(ConfigurationError) -> ConfigurationFile? {
    if let named, named.path.isEmpty { throw ConfigurationError("\(named.origin): the path is empty") }
    let path = named?.path ?? Self.defaultPath
    let bytes: [UInt8]
    do throws(SmallFile.Failure) {
      bytes = try SmallFile.bytes(of: path, most: Self.fileBytesMost)
    } catch {
      // The default file is read where it exists.
      if named == nil, case .system(let failed) = error, failed.code == ENOENT { return nil }
      throw unreadable(path, "\(error)")
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]  // some editors put it before UTF-8
    let body = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
    guard let text = String(validating: body, as: UTF8.self) else {
      throw unreadable(path, "it is not UTF-8")
    }
    return ConfigurationFile(path: path, text: text)
  }

  /// Who does not know that a variable is set looks for it in vain in the file.
  private func unreadable(_ path: String, _ why: String) -> ConfigurationError {
    ConfigurationError("\(named.map { "\($0.origin): " } ?? "")'\(path)' can't be read: \(why)")
  }
}
