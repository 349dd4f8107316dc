/// A configuration, and where each of its settings that is no default was written.
struct SettledConfiguration: Sendable {
  let configuration: ServerConfiguration
  let values: [Setting: SourcedValue]
  /// What is hardly meant as it is written, a line each.
  var warnings: [String] = []

  /// How an error about a setting begins; its name where it has its default.
  func source(_ setting: Setting) -> String { values[setting]?.source ?? setting.name }

  /// Where a setting's value comes from, for people.
  func place(_ setting: Setting) -> String { values[setting]?.place ?? "default" }
}
