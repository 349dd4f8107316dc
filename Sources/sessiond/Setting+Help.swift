import ArgumentParser
import SessionServer

extension Setting {
  /// The setting's help, for a flag whose value is called `valueName`.
  func argumentHelp(_ valueName: String) -> ArgumentHelp {
    ArgumentHelp("\(help)\(isReloadable ? " SIGHUP changes it." : "")", valueName: valueName)
  }
}
