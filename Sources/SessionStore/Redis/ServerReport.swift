/// What a server says of itself (INFO), as far as it matters. A server that does not say gets the benefit of the doubt.
struct ServerReport: Equatable {
  private var fields: [Substring: Substring] = [:]

  init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon]] = line[line.index(after: colon)...]
    }
  }

  var isReplica: Bool { fields["role"] == "slave" || fields["role"] == "replica" }
  var isLoading: Bool { fields["loading"] == "1" }
  var isCluster: Bool { fields["cluster_enabled"] == "1" || fields["redis_mode"] == "cluster" }

  /// What an operator should know, if there is anything.
  var remark: String? {
    var remarks: [String] = []
    if let policy = fields["maxmemory_policy"], policy != "noeviction" {
      remarks.append(
        "its maxmemory-policy is \(policy): when it is full it forgets sessions; noeviction keeps them")
    }
    if fields["aof_enabled"] == "0" {
      remarks.append(
        "it has no append-only file: what was changed since its last snapshot is lost when it ends")
    }
    return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
  }
}
