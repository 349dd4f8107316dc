import SystemCalls

/// Who may connect to the daemon, and who may put another socket in the place of its own.
enum SocketChecks {
  static func findings(_ socket: SocketFacts) -> [Finding] {
    var findings: [Finding] = []
    if socket.mode & 0o002 != 0 {
      findings.append(
        Finding(
          .socketMode,
          "Every user of this machine may connect: the socket \(socket.path) has mode \(FileMode.text(socket.mode)).",
          remedy: "Set socket-mode=0660 and socket-group to the group of your applications; under systemd "
            + "SocketMode=0660 and SocketGroup= in the .socket unit (systemctl edit), then restart both."))
    }
    // With the sticky bit one removes only what is one's own (unlink(2)).
    if socket.directoryMode & 0o002 != 0, socket.directoryMode & 0o1000 == 0 {
      findings.append(
        Finding(
          .socketDirectory,
          "Every user of this machine may put a socket of his own in the place of \(socket.path), and be told "
            + "your sessions: its directory has mode \(FileMode.text(socket.directoryMode)).",
          remedy: "Take the right to write from others (chmod o-w), or name a socket elsewhere."))
    }
    return findings
  }
}
