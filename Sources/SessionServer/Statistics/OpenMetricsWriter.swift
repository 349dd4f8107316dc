import SessionWire

/// Puts a text of OpenMetrics 1.0 together: families one after the other, each with its samples.
///
/// Names of families and labels are the program's own.
struct OpenMetricsWriter {
  enum Kind: String {
    case gauge, counter, histogram, info

    /// What the names of samples end with.
    var suffix: String {
      switch self {
      case .gauge, .histogram: ""
      case .counter: "_total"
      case .info: "_info"
      }
    }
  }

  enum Unit: String {
    case seconds, bytes
  }

  typealias Labels = [(name: StaticString, value: String)]

  private var bytes: [UInt8] = []
  private var name = ""
  private var kind = Kind.gauge

  /// Nanoseconds as powers of two, at which histograms are cut: doublings from a microsecond to a millisecond, and
  /// every second doubling from there to 17 seconds.
  static let boundExponents = Array(10...20) + stride(from: 22, through: 34, by: 2)

  /// The whole text; nothing can follow.
  consuming func finish() -> String {
    append("# EOF\n")
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Begins a family; its samples follow.
  ///
  /// - Parameters:
  ///   - family: the name, of the sort `sessiond_…`; the suffix of the samples is not a part of it, the unit is.
  ///   - help: a sentence without quotes, backslashes and line breaks.
  mutating func begin(_ family: StaticString, _ kind: Kind, unit: Unit? = nil, help: StaticString) {
    name = family.description
    self.kind = kind
    assert(unit.map { name.hasSuffix("_\($0.rawValue)") } ?? true)
    append("# TYPE \(name) \(kind.rawValue)\n")
    if let unit { append("# UNIT \(name) \(unit.rawValue)\n") }
    append("# HELP \(name) \(help)\n")
  }

  mutating func sample(_ number: some FixedWidthInteger, _ labels: Labels = []) {
    beginSample(kind.suffix, labels)
    bytes.appendDecimal(number)
    bytes.appendLineEnd()
  }

  mutating func sample(seconds nanoseconds: Int64, _ labels: Labels = []) {
    beginSample(kind.suffix, labels)
    append(seconds: UInt64(max(0, nanoseconds)))
    bytes.appendLineEnd()
  }

  /// A histogram of seconds: each bound with how many took less, all of them, and their sum.
  mutating func samples(_ histogram: LatencyHistogram.Summary, _ labels: Labels = []) {
    for exponent in Self.boundExponents {
      // As the canonical text of a float, so that a bound is the same text wherever it comes from.
      let bound = "\(Double(UInt64(1) << UInt64(exponent)) / 1e9)"
      beginSample("_bucket", labels + [("le", bound)])
      bytes.appendDecimal(histogram.count(belowPowerOfTwo: exponent))
      bytes.appendLineEnd()
    }
    for (suffix, labels) in [("_bucket", labels + [("le", "+Inf")]), ("_count", labels)] {
      beginSample(suffix, labels)
      bytes.appendDecimal(histogram.count)
      bytes.appendLineEnd()
    }
    beginSample("_sum", labels)
    append(seconds: histogram.total)
    bytes.appendLineEnd()
  }

  private mutating func beginSample(_ suffix: String, _ labels: Labels) {
    append(name)
    append(suffix)
    for (position, label) in labels.enumerated() {
      append(position == 0 ? "{" : ",")
      append("\(label.name)=\"")
      appendEscaped(label.value)
      append("\"")
    }
    append(labels.isEmpty ? " " : "} ")
  }

  private mutating func appendEscaped(_ text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case UInt8(ascii: "\n"): append("\\n")
      default: bytes.append(byte)
      }
    }
  }

  /// To the nanosecond, trailing zeros dropped.
  private mutating func append(seconds nanoseconds: UInt64) {
    let billion: UInt64 = 1_000_000_000
    bytes.appendDecimal(nanoseconds / billion)
    var rest = nanoseconds % billion
    var place = billion / 10
    bytes.append(UInt8(ascii: "."))
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest / place))
      rest %= place
      place /= 10
    } while rest > 0
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
