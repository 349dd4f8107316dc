import Glibc
import TestSupport

/// The values of a session as the probe wrote them, JSON texts without an escape or a space: quick to take
/// apart also where they are long, and strict.
struct StoredFields {
  /// By key, without quotes.
  private(set) var values: [String: Range<Int>] = [:]
  private let text: [UInt8]

  /// Takes `{"key":"value",…}` apart; nil if it is anything else.
  init?(object: String) {
    text = Array(object.utf8)
    var place = 0
    guard take("{", &place) else { return nil }
    if take("}", &place) {
      guard place == text.count else { return nil }
      return
    }
    repeat {
      guard let key = string(&place), take(":", &place), let value = string(&place) else { return nil }
      values[String(decoding: text[key], as: UTF8.self)] = value
    } while take(",", &place)
    guard take("}", &place), place == text.count else { return nil }
  }

  /// Takes one value in its quotes.
  init?(value: String, of key: String) {
    text = Array(value.utf8)
    var place = 0
    guard let range = string(&place), place == text.count else { return nil }
    values[key] = range
  }

  /// What stands under a key; `.none` where there is no such key, nil inside where it proves nothing.
  func value(_ key: String) -> ProvingValue?? {
    guard let range = values[key] else { return .none }
    return .some(text.withUnsafeBytes { ProvingValue(proving: UnsafeRawBufferPointer(rebasing: $0[range])) })
  }

  /// The plain number under a key, in quotes.
  func number(_ key: String) -> Int64?? {
    guard let range = values[key] else { return .none }
    return .some(Int64(String(decoding: text[range], as: UTF8.self)))
  }

  private func take(_ character: Unicode.Scalar, _ place: inout Int) -> Bool {
    guard place < text.count, text[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private func string(_ place: inout Int) -> Range<Int>? {
    guard take("\"", &place) else { return nil }
    let start = place
    let length = text.withUnsafeBytes { bytes -> Int? in
      // Safe: looks at bytes of the array only.
      memchr(bytes.baseAddress! + start, 34, bytes.count - start).map {
        $0 - UnsafeMutableRawPointer(mutating: bytes.baseAddress!) - start
      }
    }
    guard let length else { return nil }
    place = start + length + 1
    return start..<start + length
  }
}
