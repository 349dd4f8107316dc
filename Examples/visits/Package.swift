// swift-tools-version: 6.2
import PackageDescription

/// A program of somebody else's that keeps its visitors' sessions in sessiond. In a project of its own the first line of
/// the dependencies names the repository:
///
///     .package(url: "https://…/sessiond", from: "0.1.0"),
let package = Package(
  name: "visits",
  dependencies: [
    .package(name: "sessiond", path: "../..")
  ],
  targets: [
    .executableTarget(
      name: "visits",
      dependencies: [.product(name: "SessionClient", package: "sessiond")])
  ]
)
