/// A text of OpenMetrics 1.0, read as strictly as its specification says.
public struct OpenMetricsText {
  /// What is wrong with a text.
  public struct Malformed: Error, CustomStringConvertible {
    public let description: String
  }

  /// The samples by name and labels, as they stand in the text.
  public private(set) var values: [String: Double] = [:]
  /// The types of the families.
  public private(set) var types: [String: String] = [:]

  private var family = ""
  private var hasSamples = false
  private var hasHelp = false
  /// The buckets of the histogram that is being read: the last bound and count, and the labels.
  private var bucket: (labels: String, bound: Double, count: Double)?

  private static let suffixes: [String: [String]] = [
    "gauge": [""], "counter": ["_total"], "info": ["_info"], "histogram": ["_bucket", "_count", "_sum"],
  ]

  public init(_ text: String) throws {
    guard text.hasSuffix("\n# EOF\n") else { throw Malformed(description: "it does not end with # EOF") }
    for line in text.dropLast("# EOF\n".count).split(separator: "\n", omittingEmptySubsequences: false)
      .dropLast()
    {
      do throws(Malformed) {
        if line.hasPrefix("# ") { try readMetadata(line) } else { try readSample(line) }
      } catch {
        throw Malformed(description: "\(error): \(line)")
      }
    }
  }

  private mutating func readMetadata(_ line: Substring) throws(Malformed) {
    let words = line.split(separator: " ", maxSplits: 3)
    guard words.count == 4 else { throw Malformed(description: "no metadata") }
    let name = String(words[2])
    switch words[1] {
    case "TYPE":
      guard types[name] == nil else { throw Malformed(description: "the family comes twice") }
      guard Self.suffixes[String(words[3])] != nil else { throw Malformed(description: "no type") }
      guard name.allSatisfy({ $0.isLowercase || $0 == "_" }) else { throw Malformed(description: "no name") }
      types[name] = String(words[3])
      (family, hasSamples, hasHelp, bucket) = (name, false, false, nil)
    case "UNIT":
      guard name == family, !hasSamples, name.hasSuffix("_\(words[3])") else {
        throw Malformed(description: "a unit that the name does not end with, or at the wrong place")
      }
    case "HELP":
      guard name == family, !hasSamples, !hasHelp else {
        throw Malformed(description: "help at the wrong place")
      }
      hasHelp = true
    default: throw Malformed(description: "no metadata")
    }
  }

  private mutating func readSample(_ line: Substring) throws(Malformed) {
    let key = line.prefix { $0 != " " }
    let name = key.prefix { $0 != "{" }
    guard let value = Double(line[key.endIndex...].dropFirst()) else {
      throw Malformed(description: "no number")
    }
    guard name.hasPrefix(family), hasHelp,
      Self.suffixes[types[family] ?? ""]?.contains(String(name.dropFirst(family.count))) == true
    else { throw Malformed(description: "no sample of the family \(family)") }
    guard values.updateValue(value, forKey: String(key)) == nil else {
      throw Malformed(description: "the sample comes twice")
    }
    hasSamples = true
    if name.hasSuffix("_bucket") { try readBucket(key, value) }
    if name.hasSuffix("_count"), types[family] == "histogram" {
      guard bucket?.bound == .infinity, bucket?.count == value else {
        throw Malformed(description: "not the count of the last bucket, +Inf")
      }
      bucket = nil
    }
  }

  /// Bounds grow, counts never shrink, and the bound is the last label.
  private mutating func readBucket(_ key: Substring, _ count: Double) throws(Malformed) {
    guard let label = key.range(of: "le=\""), key.hasSuffix("\"}") else {
      throw Malformed(description: "a bucket without a bound")
    }
    let (labels, text) = (String(key[..<label.lowerBound]), key[label.upperBound...].dropLast(2))
    guard let bound = text == "+Inf" ? .infinity : Double(text), bound.isInfinite || "\(bound)" == text else {
      throw Malformed(description: "a bound that is no canonical number")
    }
    if let bucket, bucket.labels == labels {
      guard bucket.bound < bound, bucket.count <= count else {
        throw Malformed(description: "buckets out of order")
      }
    }
    bucket = (labels, bound, count)
  }
}

extension Substring {
  fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).last }
}
