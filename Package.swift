// swift-tools-version: 6.2
import PackageDescription

/// Every target of this package is held to the same rules: Swift 6 language mode (the default of
/// these tools) and no warning left standing.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "sessiond",
  products: [
    .library(name: "SessionClient", targets: ["SessionClient"]),
    .executable(name: "sessiond", targets: ["sessiond"]),
    .executable(name: "sessionctl", targets: ["sessionctl"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    // For sessionbench alone: no product uses it.
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.1.0"),
  ],
  targets: [
    // System interfaces: no logic.
    .target(name: "CLinux"),
    .systemLibrary(
      name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),

    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    // Without pkg-config: what it says of hiredis (-D_FILE_OFFSET_BITS=64) the package manager warns of.
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),

    // Libraries, lowest layer first. What each may know is written in ARCHITECTURE.md.
    .target(name: "SystemCalls", dependencies: ["CLinux"], swiftSettings: strict),
    .target(name: "SessionWire", swiftSettings: strict),
    .target(name: "SessionSegment", dependencies: ["CLinux"], swiftSettings: strict),
    .target(
      name: "SessionCache", dependencies: ["SessionSegment", "SystemCalls", "CLinux"],
      swiftSettings: strict),
    .target(
      name: "SessionStore", dependencies: ["CSQLite", "CHiredis", "SystemCalls", "CLinux"],
      swiftSettings: strict),
    .target(
      name: "SessionServer",
      dependencies: [
        "SessionWire", "SessionSegment", "SessionCache", "SessionStore", "SystemCalls", "CLinux", "CSystemd",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "SessionClient", dependencies: ["SessionWire", "SessionSegment", "SystemCalls", "CLinux"],
      swiftSettings: strict),

    // Programs: options in, wiring, exit codes.
    .executableTarget(
      name: "sessiond",
      dependencies: [
        "SessionServer",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "SessionctlKit", dependencies: ["SessionClient", "SessionWire", "SystemCalls"],
      swiftSettings: strict),
    .executableTarget(
      name: "sessionctl",
      dependencies: [
        "SessionctlKit", "SessionClient", "SystemCalls",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "sessiondemo", dependencies: ["SessionClient"], swiftSettings: strict),
    .executableTarget(
      name: "sessionbench",
      dependencies: [
        "SessionClient", "SessionWire", "SystemCalls", "CSQLite", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      swiftSettings: strict),

    // Tests: units and calls with injected errors beside each library; the real binaries over
    // real sockets in SystemTests.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .target(
      name: "SegmentAudit", dependencies: ["SessionSegment"], path: "Tests/SegmentAudit",
      swiftSettings: strict),
    .testTarget(
      name: "SegmentAuditTests",
      dependencies: ["SegmentAudit", "SessionSegment", "SessionCache", "SystemCalls"],
      swiftSettings: strict),
    .target(name: "Linearizability", path: "Tests/Linearizability", swiftSettings: strict),
    .testTarget(
      name: "LinearizabilityTests", dependencies: ["Linearizability", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SessionWireTests", dependencies: ["SessionWire", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "SessionCacheTests",
      dependencies: ["SessionSegment", "SessionCache", "SystemCalls", "TestSupport"],
      swiftSettings: strict),
    .target(
      name: "StoreSupport", dependencies: ["SessionStore", "SystemCalls"], path: "Tests/StoreSupport",
      swiftSettings: strict),
    .executableTarget(
      name: "StoreSpeed",
      dependencies: ["SessionStore", "StoreSupport", "SystemCalls", "CLinux", "TestSupport"],
      path: "Tests/StoreSpeed", swiftSettings: strict),
    .testTarget(
      name: "SessionStoreTests",
      dependencies: ["SessionStore", "StoreSupport", "CSQLite", "SystemCalls", "CLinux", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SessionServerTests",
      dependencies: [
        "SessionServer", "SessionStore", "StoreSupport", "SessionWire", "SessionSegment", "SessionCache",
        "SessionClient", "SystemCalls",
        "CLinux", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "SessionConformance", dependencies: ["SessionClient"], path: "Tests/SessionConformance",
      swiftSettings: strict),
    .testTarget(
      name: "SessionClientTests",
      dependencies: [
        "SessionClient", "SessionConformance", "SessionWire", "SessionSegment", "SessionCache", "SystemCalls",
        "CLinux",
        "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SessionctlKitTests", dependencies: ["SessionctlKit", "SessionClient", "SystemCalls"],
      swiftSettings: strict),
    .testTarget(
      name: "SessionbenchTests",
      dependencies: [
        "sessionbench", "SessionClient", "SessionWire", "SystemCalls", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SystemTests",
      dependencies: [
        "sessiond", "sessionctl", "sessionprobe", "SessionClient", "SessionConformance", "SessionSegment",
        "SegmentAudit",
        "Linearizability", "CLinux", "TestSupport",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "sessionprobe",
      dependencies: [
        "SessionClient", "SessionSegment", "SystemCalls", "CLinux", "Linearizability", "TestSupport",
      ],
      path: "Tests/Probe",
      swiftSettings: strict),
    .executableTarget(
      name: "CacheCrash",
      dependencies: ["SessionCache", "SessionSegment", "SystemCalls", "SegmentAudit", "TestSupport"],
      path: "Tests/CacheCrash", swiftSettings: strict),
    .executableTarget(
      name: "SegmentDamage",
      dependencies: ["SessionCache", "SessionSegment", "SystemCalls", "SegmentAudit", "TestSupport"],
      path: "Tests/SegmentDamage", swiftSettings: strict),
    .executableTarget(
      name: "CacheStress", dependencies: ["SessionCache", "SessionSegment", "SystemCalls", "TestSupport"],
      path: "Tests/CacheStress", swiftSettings: strict),
  ]
)
