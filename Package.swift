// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

func target(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

func program(
    _ name: String, _ dependencies: [Target.Dependency], path: String, exclude: [String] = []
) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let package = Package(
    name: "packhorse",
    products: [
        .library(name: "PackhorseRedis", targets: ["PackhorseRedis"]),
        .library(name: "Queue", targets: ["Queue"]),
        .library(name: "Worker", targets: ["Worker"]),
        .library(name: "Enqueue", targets: ["Enqueue"]),
        .library(name: "WorkerCommand", targets: ["WorkerCommand"]),
        .executable(name: "worker", targets: ["Main"]),
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
        target("PackhorseRedis", ["CHiredis", "COpenSSL", collections]),
        .target(
            name: "Queue", dependencies: ["COpenSSL", "PackhorseRedis"], resources: [.embedInCode("Scripts")],
            swiftSettings: settings),
        target("PrometheusText", []),
        target("Worker", ["PrometheusText", "Queue", "PackhorseRedis", collections, logging]),
        target("Enqueue", ["Queue", "PackhorseRedis"]),

        // The programs around it: settings, command lines, the HTTP door.
        .target(name: "CStartup"),
        target(
            "Settings",
            [
                "CStartup", "Queue", "PackhorseRedis", logging,
                .product(name: "Configuration", package: "swift-configuration"),
            ]),
        target(
            "WorkerCommand",
            [
                "PrometheusText", "Queue", "PackhorseRedis", "Settings", "Worker", argumentParser, hummingbird,
                httpTypes,
                logging,
                nioCore, .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        target(
            "EnqueueAPI",
            [
                "Enqueue", "PrometheusText", "Queue", "PackhorseRedis", httpTypes, hummingbird, logging, nioCore,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        program(
            "EnqueueCommand",
            ["Enqueue", "EnqueueAPI", "Queue", "PackhorseRedis", "Settings", argumentParser, logging],
            path: "Sources/EnqueueCommand"),

        // The jobs that come with it, and the worker that lists them.
        target("Probes", ["Queue", "Worker"], path: "jobs/Probes"),
        target("Embedding", [], path: "jobs/Embedding"),
        target(
            "Ingestion",
            [
                "Embedding", subprocess, .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], path: "jobs/Ingestion"),
        target("Documents", ["Embedding", "Ingestion", "Queue", "Worker"], path: "jobs/Documents"),
        program("Main", ["Documents", "Probes", "Settings", "Worker", "WorkerCommand"], path: "jobs/Main"),
        // With no settings, as a user would have it.
        .executableTarget(
            name: "greet", dependencies: ["Enqueue", "PackhorseRedis", "Worker"], path: "examples/swift"),

        // What measures it.
        target("Figures", [], path: "Benchmarks/Figures"),
        program(
            "bench", ["Enqueue", "Figures", "Queue", "PackhorseRedis", "Servers", "Worker"], path: "Benchmarks/Bench"),
        program(
            "chaos", ["Enqueue", "Figures", "Queue", "PackhorseRedis", "Servers", "Worker"], path: "Benchmarks/Chaos"),
        program("EmbedderBench", ["Embedding"], path: "Benchmarks/EmbedderBench", exclude: ["peer.py"]),

        // What tests it: Servers starts real ones, TestSupport hands them to tests.
        target("Servers", ["PackhorseRedis"], path: "Tests/Servers"),
        target("TestSupport", ["Queue", "PackhorseRedis", "Servers"], path: "Tests/Support"),
        tests("RedisTests", ["PackhorseRedis", "Servers", "TestSupport"]),
        tests("QueueTests", ["PackhorseRedis", "Queue", "Servers", "TestSupport"], resources: [.copy("Fixtures")]),
        tests("WorkerTests", ["Enqueue", "Queue", "PackhorseRedis", "Servers", "TestSupport", "Worker", logging]),
        tests("EnqueueTests", ["Enqueue", "Queue", "PackhorseRedis", "Servers", "TestSupport"]),
        tests("SettingsTests", ["Main", "Queue", "PackhorseRedis", "Servers", "Settings", "TestSupport", logging]),
        tests(
            "WorkerCommandTests",
            [
                "Enqueue", "Main", "Probes", "Queue", "PackhorseRedis", "Servers", "Settings", "TestSupport",
                "WorkerCommand",
            ]),
        tests(
            "EnqueueAPITests",
            ["Enqueue", "EnqueueAPI", "Queue", "PackhorseRedis", "Servers", "TestSupport", "Worker", logging]),
        tests(
            "EnqueueCommandTests",
            ["Enqueue", "EnqueueCommand", "Queue", "PackhorseRedis", "Servers", "TestSupport", "Worker", logging]),
        tests("EmbeddingTests", ["Embedding"], resources: [.copy("Fixtures")]),
        tests("IngestionTests", ["Embedding", "Ingestion", subprocess]),
        tests("ReadmeTests", ["greet", "Servers", "TestSupport"]),
        tests("ChaosTests", ["chaos", "Queue", "Servers"]),
    ]
)
