// swift-tools-version: 6.2
import PackageDescription

// https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
// https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
// https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
  name: "millrace",
  products: [
    .library(name: "WorkerKit", targets: ["WorkerKit"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0", traits: []),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.0.0"),
  ],
  targets: [
    .target(name: "WorkerKit", dependencies: [logging, crypto, yams], swiftSettings: strict),
    .systemLibrary(
      name: "CZstd", path: "Sources/CLibraries/CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(
      name: "CompressionDriver", dependencies: ["CZstd"], path: "Sources/Drivers/Compression", swiftSettings: strict),
    .target(
      name: "DriverThreads", dependencies: ["WorkerKit"], path: "Sources/Drivers/Threads", swiftSettings: strict),
    .systemLibrary(
      name: "CSQLite", path: "Sources/CLibraries/CSQLite", pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"])]),
    .target(
      name: "SQLiteDriver", dependencies: ["WorkerKit", "DriverThreads", "CSQLite"], path: "Sources/Drivers/SQLite",
      swiftSettings: strict),
    .target(
      name: "Dispatcher", dependencies: ["WorkerKit", hummingbird, lifecycle, logging, nio], swiftSettings: strict),
    .testTarget(name: "CompressionDriverTests", dependencies: ["CompressionDriver"], swiftSettings: strict),
    .systemLibrary(
      name: "CCurl", path: "Sources/CLibraries/CCurl", pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "CCurlShim", dependencies: ["CCurl"], path: "Sources/CLibraries/CCurlShim"),
    .target(
      name: "HTTPDriver", dependencies: ["CCurl", "CCurlShim"], path: "Sources/Drivers/HTTP", swiftSettings: strict),
    .testTarget(name: "HTTPDriverTests", dependencies: ["HTTPDriver"], swiftSettings: strict),
    .testTarget(name: "WorkerKitTests", dependencies: ["WorkerKit"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
