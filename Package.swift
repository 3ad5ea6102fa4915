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
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
  name: "millrace",
  products: [
    .executable(name: "millrace", targets: ["millrace"]),
    .library(name: "WorkerKit", targets: ["WorkerKit"]),
    .library(name: "WorkerKitTesting", targets: ["WorkerKitTesting"]),
    .executable(name: "millrace-imaging", targets: ["millrace-imaging"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0", traits: []),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.0.0"),
  ],
  targets: [
    .target(name: "WorkerKit", dependencies: [logging, crypto, tracing, yams], swiftSettings: strict),

    // C libraries: module maps and shims, nothing else.
    .systemLibrary(
      name: "CCurl", path: "Sources/CLibraries/CCurl", pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CHiredis", path: "Sources/CLibraries/CHiredis", pkgConfig: "hiredis",
      providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(
      name: "CPostgreSQL", path: "Sources/CLibraries/CPostgreSQL", pkgConfig: "libpq",
      providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "CSQLite", path: "Sources/CLibraries/CSQLite", pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
      name: "CVips", path: "Sources/CLibraries/CVips", pkgConfig: "vips", providers: [.apt(["libvips-dev"])]),
    .systemLibrary(
      name: "CZstd", path: "Sources/CLibraries/CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(name: "CCurlShim", dependencies: ["CCurl"], path: "Sources/CLibraries/CCurlShim"),
    .target(name: "CProcessShim", path: "Sources/CLibraries/CProcessShim"),
    .target(name: "CSpawnShim", path: "Sources/CLibraries/CSpawnShim"),
    .target(name: "CVipsShim", dependencies: ["CVips"], path: "Sources/CLibraries/CVipsShim"),

    // Drivers: each the only importer of its C library.
    .target(
      name: "DriverThreads", dependencies: ["WorkerKit"], path: "Sources/Drivers/Threads", swiftSettings: strict),
    .target(
      name: "SQLiteDriver", dependencies: ["WorkerKit", "DriverThreads", "CSQLite"], path: "Sources/Drivers/SQLite",
      swiftSettings: strict),
    .target(
      name: "RedisDriver", dependencies: ["WorkerKit", "DriverThreads", "CHiredis"], path: "Sources/Drivers/Redis",
      swiftSettings: strict),
    .target(
      name: "PostgreSQLDriver", dependencies: ["WorkerKit", "DriverThreads", "CPostgreSQL", crypto],
      path: "Sources/Drivers/PostgreSQL", swiftSettings: strict),
    .target(
      name: "ObjectStorageDriver", dependencies: ["WorkerKit", "DriverThreads", crypto],
      path: "Sources/Drivers/ObjectStorage", swiftSettings: strict),
    .target(
      name: "CompressionDriver", dependencies: ["CZstd"], path: "Sources/Drivers/Compression", swiftSettings: strict),
    .target(
      name: "HTTPDriver", dependencies: ["CCurlShim"], path: "Sources/Drivers/HTTP", swiftSettings: strict),
    .target(
      name: "TracingDriver", dependencies: ["WorkerKit", "DriverThreads", "HTTPDriver", logging, tracing],
      path: "Sources/Drivers/Tracing", swiftSettings: strict),
    .target(
      name: "ProcessDriver", dependencies: ["CSpawnShim", "ProcessChild"], path: "Sources/Drivers/Processes",
      swiftSettings: strict),
    .target(
      name: "ProcessChild", dependencies: ["CProcessShim"], path: "Sources/Drivers/ProcessChild",
      swiftSettings: strict),
    .target(
      name: "IsolationDriver", dependencies: ["WorkerKit", "DriverThreads", "ProcessChild", "ProcessDriver", logging],
      path: "Sources/Drivers/Isolation", swiftSettings: strict),
    .target(
      name: "SupervisionDriver", dependencies: ["WorkerKit", "DriverThreads", "ProcessDriver", logging],
      path: "Sources/Drivers/Supervision", swiftSettings: strict),

    // Workers, and the program that one of them runs.
    .target(
      name: "AutosaveWorker",
      dependencies: ["WorkerKit", "SQLiteDriver", "PostgreSQLDriver", "CompressionDriver", crypto],
      path: "Sources/Workers/Autosave", swiftSettings: strict),
    .target(
      name: "MediaWorker", dependencies: ["WorkerKit", "DriverThreads", "ImagingProtocol", "ProcessDriver"],
      path: "Sources/Workers/Media", swiftSettings: strict),
    .target(
      name: "CallWorker", dependencies: ["WorkerKit", "HTTPDriver", tracing], path: "Sources/Workers/Call",
      swiftSettings: strict),
    .target(name: "ImagingProtocol", swiftSettings: strict),
    .executableTarget(
      name: "millrace-imaging", dependencies: ["CVipsShim", "ImagingProtocol", "ProcessChild"],
      path: "Sources/Imaging", swiftSettings: strict),

    // The dispatcher, and the command, which alone knows everybody.
    .target(
      name: "Dispatcher", dependencies: ["WorkerKit", hummingbird, lifecycle, logging, nio, tracing],
      swiftSettings: strict),
    .executableTarget(
      name: "millrace",
      dependencies: [
        "AutosaveWorker", "CallWorker", "Dispatcher", "DriverThreads", "HTTPDriver", "IsolationDriver", "MediaWorker",
        "ObjectStorageDriver", "PostgreSQLDriver", "ProcessChild", "ProcessDriver", "RedisDriver", "SQLiteDriver",
        "SupervisionDriver", "TracingDriver", "WorkerKit", arguments, logging, tracing,
      ], swiftSettings: strict),

    // Measurements.
    .executableTarget(
      name: "millrace-bench",
      dependencies: [
        "Dispatcher", "DriverThreads", "PostgreSQLDriver", "RedisDriver", "SQLiteDriver", "WorkerKit",
        "WorkerKitTesting", logging,
      ],
      path: "benchmarks/Drain", swiftSettings: strict),
    .executableTarget(
      name: "millrace-bench-queue", dependencies: ["RedisDriver", "WorkerKit"], path: "benchmarks/Queue",
      swiftSettings: strict),
    .executableTarget(
      name: "millrace-bench-patterns", dependencies: ["WorkerKit"], path: "benchmarks/Patterns", swiftSettings: strict),

    // What tests, ours and others', are made with.
    .target(name: "WorkerKitTesting", dependencies: ["WorkerKit"], swiftSettings: strict),

    // Tests.
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "PostgreSQLDriver", "RedisDriver", "SQLiteDriver", "TestPostgres", "TestRedis", "WorkerKit", "WorkerKitTesting",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "HostingTests",
      dependencies: [
        "WorkerKit", "WorkerKitTesting", "SQLiteDriver", "DriverThreads", "TracingDriver", logging, tracing,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CallWorkerTests",
      dependencies: ["CallWorker", "HTTPDriver", "TestProcesses", "WorkerKit", "WorkerKitTesting", logging],
      swiftSettings: strict),
    .testTarget(
      name: "CompressionDriverTests", dependencies: ["CompressionDriver", "TestProcesses"], swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "HTTPDriver", "PostgreSQLDriver", "RedisDriver", "SQLiteDriver", "TestCollector", "TestDisk", "TestPostgres",
        "TestProcesses", "TestRedis", "WorkerKit", "millrace", "millrace-imaging", yams,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DispatcherTests",
      dependencies: [
        "Dispatcher", "HTTPDriver", "SQLiteDriver", "TestProcesses", "WorkerKit", "WorkerKitTesting", logging,
      ],
      swiftSettings: strict),
    .testTarget(name: "HTTPDriverTests", dependencies: ["HTTPDriver", "TestProcesses"], swiftSettings: strict),
    .testTarget(
      name: "ImagingTests",
      dependencies: ["ImagingProtocol", "ProcessChild", "ProcessDriver", "TestProcesses", "millrace-imaging"],
      swiftSettings: strict),
    .executableTarget(
      name: "process-test-child", dependencies: ["ProcessChild"], path: "Tests/ProcessTestChild",
      swiftSettings: strict),
    .testTarget(
      name: "ProcessDriverTests",
      dependencies: ["ProcessChild", "ProcessDriver", "TestProcesses", "process-test-child"],
      swiftSettings: strict),
    .executableTarget(
      name: "isolation-test-child", dependencies: ["IsolationDriver", "WorkerKit"], path: "Tests/IsolationTestChild",
      swiftSettings: strict),
    .testTarget(
      name: "IsolationTests",
      dependencies: [
        "AutosaveWorker", "IsolationDriver", "SQLiteDriver", "TestProcesses", "WorkerKit", "WorkerKitTesting",
        "isolation-test-child", "millrace", logging,
      ], swiftSettings: strict),
    .testTarget(
      name: "SupervisionTests", dependencies: ["SupervisionDriver", "WorkerKit"], swiftSettings: strict),
    .testTarget(name: "TidyTests", swiftSettings: strict),
    .target(name: "TestProcesses", path: "Tests/TestProcesses", swiftSettings: strict),
    .testTarget(name: "TestProcessesTests", dependencies: ["TestProcesses"], swiftSettings: strict),
    .target(name: "TestDisk", dependencies: ["TestProcesses"], path: "Tests/TestDisk", swiftSettings: strict),
    .target(
      name: "TestCollector", dependencies: ["TestProcesses", "WorkerKit"], path: "Tests/TestCollector",
      swiftSettings: strict),
    .target(name: "TestRedis", dependencies: ["TestProcesses"], path: "Tests/TestRedis", swiftSettings: strict),
    .testTarget(
      name: "RedisDriverTests",
      dependencies: [
        "Dispatcher", "RedisDriver", "TestProcesses", "TestRedis", "WorkerKit", "WorkerKitTesting", logging,
      ],
      swiftSettings: strict),
    .target(
      name: "TestPostgres", dependencies: ["TestProcesses"], path: "Tests/TestPostgres", swiftSettings: strict),
    .testTarget(
      name: "PostgreSQLDriverTests",
      dependencies: ["PostgreSQLDriver", "TestPostgres", "TestProcesses", "WorkerKit", "WorkerKitTesting"],
      swiftSettings: strict),
    .testTarget(
      name: "RecoveryTests",
      dependencies: [
        "Dispatcher", "DriverThreads", "PostgreSQLDriver", "RedisDriver", "TestPostgres", "TestRedis", "WorkerKit",
        "WorkerKitTesting",
        logging,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "TracingDriverTests",
      dependencies: [
        "HTTPDriver", "TestCollector", "TracingDriver", "WorkerKit", "WorkerKitTesting", logging, tracing,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "WorkerKitTests", dependencies: ["TestProcesses", "WorkerKit", "WorkerKitTesting", logging],
      swiftSettings: strict),
    .testTarget(
      name: "SQLiteDriverTests", dependencies: ["SQLiteDriver", "TestDisk", "WorkerKit", "WorkerKitTesting"],
      swiftSettings: strict),
    .testTarget(
      name: "AutosaveTests",
      dependencies: [
        "AutosaveWorker", "CompressionDriver", "PostgreSQLDriver", "SQLiteDriver", "TestPostgres", "TestProcesses",
        "WorkerKit", "WorkerKitTesting", logging,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "MediaTests",
      dependencies: [
        "MediaWorker", "ObjectStorageDriver", "TestProcesses", "WorkerKit", "WorkerKitTesting", "millrace-imaging",
        crypto, logging,
      ],
      swiftSettings: strict),
    .testTarget(name: "ObjectStorageTests", dependencies: ["ObjectStorageDriver", "WorkerKit"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
