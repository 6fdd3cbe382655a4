// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error),
]

let package = Package(
    name: "packhorse",
    products: [
        .library(name: "Queue", targets: ["Queue"]),
        .library(name: "Worker", targets: ["Worker"]),
        .library(name: "Enqueue", targets: ["Enqueue"]),
        .executable(name: "enqueue", targets: ["EnqueueCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        // The core: Queue knows Redis and no job, Worker knows jobs, Enqueue links neither.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .target(
            name: "Redis",
            dependencies: ["CHiredis", "COpenSSL", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: settings),
        .target(
            name: "Queue", dependencies: ["Redis"], resources: [.embedInCode("Scripts")], swiftSettings: settings),
        .target(
            name: "Worker",
            dependencies: [
                "Queue", "Redis", .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: settings),
        .executableTarget(name: "smoke", dependencies: ["Enqueue", "Worker", "Queue", "Redis"]),
        .target(name: "Enqueue", dependencies: ["Queue", "Redis"], swiftSettings: settings),

        // The command line and the HTTP door.
        .target(
            name: "Settings",
            dependencies: [
                "Queue", "Redis", .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .target(
            name: "EnqueueAPI",
            dependencies: [
                "Enqueue", "Queue", "Redis", .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "EnqueueCommand",
            dependencies: [
                "Enqueue", "EnqueueAPI", "Queue", "Redis", "Settings",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),

        // The jobs that come with it.
        .target(name: "Embedding", path: "jobs/Embedding", swiftSettings: settings),
        .target(
            name: "Ingestion",
            dependencies: [
                "Embedding", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], path: "jobs/Ingestion", swiftSettings: settings),
        .target(
            name: "Documents", dependencies: ["Embedding", "Ingestion", "Queue", "Worker"], path: "jobs/Documents",
            swiftSettings: settings),

        // What measures it.
        .executableTarget(
            name: "EmbedderBench", dependencies: ["Embedding"], path: "Benchmarks/EmbedderBench",
            exclude: ["peer.py"], swiftSettings: settings),

        // What tests it.
        .target(name: "TestSupport", dependencies: ["Queue", "Redis"], path: "Tests/Support", swiftSettings: settings),
        .testTarget(
            name: "EnqueueAPITests",
            dependencies: [
                "Enqueue", "EnqueueAPI", "Queue", "Redis", "TestSupport", "Worker",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "EnqueueCommandTests",
            dependencies: [
                "Enqueue", "EnqueueCommand", "Queue", "Redis", "TestSupport", "Worker",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "EmbeddingTests", dependencies: ["Embedding"], resources: [.copy("Fixtures")],
            swiftSettings: settings),
        .testTarget(
            name: "IngestionTests",
            dependencies: ["Ingestion", "Embedding", .product(name: "Subprocess", package: "swift-subprocess")],
            swiftSettings: settings),
    ]
)
