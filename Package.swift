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
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
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

        .target(name: "Figures", path: "Benchmarks/Figures", swiftSettings: settings),
        .executableTarget(
            name: "bench", dependencies: ["Enqueue", "Figures", "Queue", "Redis", "Servers", "Worker"],
            path: "Benchmarks/Bench", swiftSettings: settings),
        .executableTarget(
            name: "chaos", dependencies: ["Enqueue", "Figures", "Queue", "Redis", "Servers", "Worker"],
            path: "Benchmarks/Chaos", swiftSettings: settings),

        // What tests it.
        // Servers and processes for tests and benchmarks; TestSupport adds what needs the Testing library.
        .target(name: "Servers", dependencies: ["Redis"], path: "Tests/Servers", swiftSettings: settings),
        .target(
            name: "TestSupport", dependencies: ["Queue", "Redis", "Servers"], path: "Tests/Support",
            swiftSettings: settings),
        .testTarget(name: "ChaosTests", dependencies: ["chaos", "Queue", "Servers"], swiftSettings: settings),
        .testTarget(
            name: "WorkerTests",
            dependencies: [
                "Worker", "Enqueue", "Queue", "Redis", "TestSupport", .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: settings),
        .testTarget(
            name: "EnqueueTests", dependencies: ["Enqueue", "Queue", "Redis", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "EmbeddingTests", dependencies: ["Embedding"], resources: [.copy("Fixtures")],
            swiftSettings: settings),
        .testTarget(
            name: "IngestionTests",
            dependencies: ["Ingestion", "Embedding", .product(name: "Subprocess", package: "swift-subprocess")],
            swiftSettings: settings),
    ]
)
