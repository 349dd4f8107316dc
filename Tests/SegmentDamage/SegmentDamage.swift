// Damaged copies of a well-filled segment: the reader answers, misses or doubts, and a daemon's cache takes over
// what is sound or refuses; neither crashes, hangs, or touches what is not its own. Built with the address
// sanitizer.
//
//     SegmentDamage [VARIANTS [SEED]]

import Glibc
import SegmentAudit
import TestSupport

@main
enum SegmentDamage {
  /// Long before this one of them hangs.
  private static let secondsAVariant: UInt32 = 60

  static func main() throws {
    let arguments = CommandLine.arguments
    let variants = arguments.count > 1 ? Int(arguments[1]) ?? 150 : 150
    let seed = arguments.count > 2 ? UInt64(arguments[2]) ?? 1 : UInt64.random(in: 1...UInt64.max)
    print("\(variants) variants, seed \(seed)")
    let sound = try SoundSessions(seed: seed)
    defer { sound.remove() }
    let ids = sound.contents.keys.sorted { $0.lexicographicallyPrecedes($1) } + [Array("nobody".utf8)]
    var verdicts: [AdoptionTrial.Verdict: Int] = [:]
    var complaints = 0
    var reads = (found: 0, others: 0)
    var random = SplitMix64(seed: seed)
    for variant in 0..<variants {
      let damage = Damage.allCases[variant % Damage.allCases.count]
      alarm(secondsAVariant)
      let image = try SegmentImage(copying: sound.image)
      let bytes = damage.apply(to: image, sound.places, &random)
      let trial = try ReaderTrial(image, bytes: min(bytes, image.size), ids: ids)
      reads.found += trial.found
      reads.others += trial.others

      sound.clear()
      try image.write(to: sound.path, count: bytes)
      let adoption = try AdoptionTrial(sound, &random)
      verdicts[adoption.verdict, default: 0] += 1
      if let complaint = adoption.complaint {
        print("variant \(variant), \(damage), \(adoption.verdict): \(complaint)")
        complaints += 1
      }
    }
    guard complaints == 0 else { exit(1) }
    print("\(verdicts); \(reads.found) reads answered, \(reads.others) not")
  }
}
