/// Puts the histories of sessions together from what their clients wrote down.
public struct HistoryParser {
  /// A line that no client writes.
  public struct Malformed: Error, CustomStringConvertible {
    public let line: String
    public var description: String { "malformed line of a history: \(line)" }
  }

  /// By session.
  public private(set) var sessions: [String: [Operation]] = [:]
  /// How many operations there are, those that were refused left out.
  public private(set) var count = 0
  private let deletesMayRepeat: Bool

  /// - Parameter deletesMayRepeat: whether connections were lost. A delete or revoke whose reply was lost is
  ///   sent again, so what came back may be the reply to the second copy, while the first was executed too.
  public init(deletesMayRepeat: Bool = false) {
    self.deletesMayRepeat = deletesMayRepeat
  }

  /// Adds what one client wrote. A last line without its end is left out: the client was killed there.
  public mutating func add(_ text: String, client: String) throws(Malformed) {
    var open: [Int: (session: String, operation: Operation)] = [:]
    for line in text[..<(text.lastIndex(of: "\n") ?? text.startIndex)].split(separator: "\n") {
      var words = Words(line)
      let sign = try words.next()
      let number = try words.number(Int.self)
      let time = try words.number(Int64.self)
      if sign == "+" {
        let session = try words.next()
        open[number] = (session, Operation(try words.call(), nil, time, .max, client: client))
      } else if let (session, operation) = open.removeValue(forKey: number), sign == "-" {
        try close(session, operation, at: time, &words)
      } else {
        throw words.malformed
      }
    }
    for (session, operation) in open.values { append(session, operation) }
  }

  private mutating func close(
    _ session: String, _ operation: Operation, at time: Int64, _ words: inout Words
  ) throws(Malformed) {
    guard let outcome = try words.outcome() else { return }
    var whole = operation
    whole.outcome = outcome
    whole.end = time
    append(session, whole)
    guard deletesMayRepeat else { return }
    switch operation.call {
    case .delete, .deleteKeys, .revoke:
      whole.outcome = nil
      append(session, whole)
    default: break
    }
  }

  private mutating func append(_ session: String, _ operation: Operation) {
    sessions[session, default: []].append(operation)
    count += 1
  }
}

/// The words of one line.
private struct Words {
  private let line: Substring
  private var words: ArraySlice<Substring>

  init(_ line: Substring) {
    self.line = line
    words = line.split(separator: " ")[...]
  }

  var malformed: HistoryParser.Malformed { HistoryParser.Malformed(line: String(line)) }

  mutating func next() throws(HistoryParser.Malformed) -> String {
    guard let word = words.popFirst() else { throw malformed }
    return String(word)
  }

  mutating func number<Number: FixedWidthInteger>(
    _ type: Number.Type
  ) throws(HistoryParser.Malformed) -> Number {
    guard let number = Number(try next()) else { throw malformed }
    return number
  }

  private mutating func rest() -> [String] {
    defer { words.removeAll() }
    return words.map(String.init)
  }

  private mutating func fields() throws(HistoryParser.Malformed) -> [Field] {
    var fields: [Field] = []
    while !words.isEmpty { fields.append(Field(try next(), try next())) }
    return fields
  }

  mutating func call() throws(HistoryParser.Malformed) -> Call {
    switch try next() {
    case "set":
      let wanted = try next()
      guard wanted == "any" || UInt64(wanted) != nil else { throw malformed }
      return .set(try fields(), ifVersion: UInt64(wanted))
    case "delete": return .delete
    case "delete-keys": return .deleteKeys(rest())
    case "increment": return .increment(try next(), by: try number(Int64.self))
    case "get": return .get(try next())
    case "get-all": return .getAll
    case "get-many": return .getMany(rest())
    case "info": return .info
    case "exists": return .exists
    case "rename":
      let (new, grace) = (try next(), try next())
      guard grace == "at-once" || Int64(grace) != nil else { throw malformed }
      return .rename(to: new, grace: Int64(grace))
    case "revoke": return .revoke
    default: throw malformed
    }
  }

  /// nil: it was not executed.
  mutating func outcome() throws(HistoryParser.Malformed) -> Outcome? {
    switch try next() {
    case "refused": return nil
    case "version": return .version(try number(UInt64.self))
    case "conflict": return .conflict(current: try number(UInt64.self))
    case "removed": return .removed(try number(Int.self))
    case "number": return .number(try number(Int64.self))
    case "not-a-number": return .notANumber
    case "no-value": return .value(nil)
    case "value": return .value(try next())
    case "no-fields": return .fields(nil)
    case "fields": return .fields(try fields())
    case "info": return .info(version: try number(UInt64.self), keys: try number(Int.self))
    case "missing": return .missing
    case "exists":
      guard let exists = Bool(try next()) else { throw malformed }
      return .exists(exists)
    case "renamed": return .renamed
    case "revoked": return .revoked
    default: throw malformed
    }
  }
}
