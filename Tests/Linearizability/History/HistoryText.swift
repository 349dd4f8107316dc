/// How a client writes down what it does, a line before each request and one after its reply, so that also
/// what was under way when it was killed is known:
///
///     + 7 begin session call …
///     - 7 end outcome …
///
/// Words are separated by spaces, so keys and values must hold none.
public enum HistoryText {
  /// The line for a request that is about to be sent; `number` counts a client's requests.
  public static func began(_ number: Int, at time: Int64, session: String, _ call: Call) -> String {
    "+ \(number) \(time) \(session) \(words(call).joined(separator: " "))\n"
  }

  /// The line for its reply.
  public static func ended(_ number: Int, at time: Int64, _ outcome: Outcome) -> String {
    "- \(number) \(time) \(words(outcome).joined(separator: " "))\n"
  }

  /// The line for a request that certainly was not executed.
  public static func refused(_ number: Int, at time: Int64) -> String {
    "- \(number) \(time) refused\n"
  }

  private static func words(_ call: Call) -> [String] {
    switch call {
    case .set(let fields, let wanted): ["set", wanted.map { "\($0)" } ?? "any"] + words(fields)
    case .delete: ["delete"]
    case .deleteKeys(let keys): ["delete-keys"] + keys
    case .increment(let key, let amount): ["increment", key, "\(amount)"]
    case .get(let key): ["get", key]
    case .getAll: ["get-all"]
    case .getMany(let keys): ["get-many"] + keys
    case .info: ["info"]
    case .exists: ["exists"]
    case .rename(let new, let grace): ["rename", new, grace.map { "\($0)" } ?? "at-once"]
    case .revoke: ["revoke"]
    }
  }

  private static func words(_ outcome: Outcome) -> [String] {
    switch outcome {
    case .version(let version): ["version", "\(version)"]
    case .conflict(let current): ["conflict", "\(current)"]
    case .removed(let count): ["removed", "\(count)"]
    case .number(let number): ["number", "\(number)"]
    case .notANumber: ["not-a-number"]
    case .value(nil): ["no-value"]
    case .value(let value?): ["value", value]
    case .fields(nil): ["no-fields"]
    case .fields(let fields?): ["fields"] + words(fields)
    case .info(let version, let keys): ["info", "\(version)", "\(keys)"]
    case .missing: ["missing"]
    case .exists(let exists): ["exists", "\(exists)"]
    case .renamed: ["renamed"]
    case .revoked: ["revoked"]
    }
  }

  private static func words(_ fields: [Field]) -> [String] {
    fields.flatMap { [$0.key, $0.value] }
  }
}
