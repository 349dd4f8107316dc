package import SystemCalls

/// The unit that systemd runs a process by.
package struct ServiceUnit: Equatable, Sendable {
  package let name: String
  /// Whether a user's own manager runs it.
  package let isOfUser: Bool

  /// - Returns: nil for a process of no service.
  package init?(of groups: ControlGroups) {
    // systemd's own hierarchy, or the only one there is.
    let own = groups.groups.filter { $0.controllers.isEmpty || $0.controllers == ["name=systemd"] }
    let services = own.map { group in group.names.filter { $0.hasSuffix(".service") } }
    // A user's manager is a service, too, and none of a daemon.
    guard let path = services.first(where: { $0.last?.hasPrefix("user@") == false }), let last = path.last
    else { return nil }
    name = last
    isOfUser = path.contains { $0.hasPrefix("user@") }
  }
}
