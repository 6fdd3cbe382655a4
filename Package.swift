// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error),
]

/// A product that only the targets of one trait need: without the trait, SwiftPM does not fetch its package.
func product(_ name: String, of package: String, for trait: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: [trait]))
}

let argumentParser = product("ArgumentParser", of: "swift-argument-parser", for: "Commands")
let coreMetrics = product("CoreMetrics", of: "swift-metrics", for: "Telemetry")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let httpTypes = product("HTTPTypes", of: "swift-http-types", for: "Commands")
let hummingbird = product("Hummingbird", of: "hummingbird", for: "Commands")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = product("NIOCore", of: "swift-nio", for: "Commands")
let subprocess = product("Subprocess", of: "swift-subprocess", for: "Documents")
let systemPaths = product("SystemPackage", of: "swift-system", for: "Documents")
let tracing = product("Tracing", of: "swift-distributed-tracing", for: "Telemetry")

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
        .library(name: "Queue", targets: ["Cron", "Queue"]),
        .library(name: "Worker", targets: ["Worker"]),
        .library(name: "Enqueue", targets: ["Enqueue"]),
        .library(name: "Telemetry", targets: ["Telemetry"]),
        .library(name: "WorkerCommand", targets: ["WorkerCommand", "Secrets", "Settings"]),
        .executable(name: "worker", targets: ["Main"]),
        .executable(name: "enqueue", targets: ["EnqueueCommand"]),
    ],
    traits: [
        .trait(
            name: "Commands", description: "The command lines and the HTTP API: WorkerCommand, worker and enqueue",
            enabledTraits: ["Telemetry"]),
        .trait(name: "Documents", description: "The document jobs of the program worker"),
        .trait(name: "Telemetry", description: "Spans of jobs and metrics of handlers: the library Telemetry"),
        .default(enabledTraits: ["Commands", "Documents", "Telemetry"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.9.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        // The core: Queue knows Redis and no job, Worker knows jobs, Enqueue links neither worker nor jobs.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        target("Secrets", []),
        // The times of schedules, without a clock.
        target("Cron", []),
        target("PackhorseRedis", ["CHiredis", "COpenSSL", "Secrets", collections]),
        .target(
            name: "Queue", dependencies: ["COpenSSL", "Cron", "PackhorseRedis"], resources: [.embedInCode("Scripts")],
            swiftSettings: settings),
        target("PrometheusText", []),
        target("Worker", ["PrometheusText", "Queue", "PackhorseRedis", collections, logging]),
        target("Enqueue", ["Cron", "Queue", "PackhorseRedis"]),
        // Middleware of both sides, and metrics of handlers.
        target("Telemetry", ["Enqueue", "PrometheusText", "Queue", "Worker", coreMetrics, tracing]),

        // The programs around it: logs, settings, the private Redis, what both share, command lines, the HTTP API.
        target("Logs", [logging]),
        target(
            "Settings",
            [
                "Logs", "Queue", "PackhorseRedis", "Secrets", logging,
                product("Configuration", of: "swift-configuration", for: "Commands"),
            ]),
        // Schedules in YAML.
        target("ScheduleFiles", ["Queue", "Settings", product("Yams", of: "Yams", for: "Commands")]),
        target("EmbeddedRedis", ["PackhorseRedis", logging]),
        .target(name: "CStartup"),
        target("Programs", ["CStartup", "EmbeddedRedis", "PackhorseRedis", "Settings", argumentParser]),
        target(
            "WorkerCommand",
            [
                "Logs", "Programs", "PrometheusText", "Queue", "PackhorseRedis", "ScheduleFiles", "Settings",
                "Telemetry", "Worker", argumentParser, coreMetrics, hummingbird, httpTypes, logging,
                nioCore, product("NIOPosix", of: "swift-nio", for: "Commands"),
            ]),
        target(
            "EnqueueAPI",
            [
                "Enqueue", "PrometheusText", "Queue", "PackhorseRedis", "Secrets", httpTypes, hummingbird, logging,
                nioCore,
                product("HummingbirdCore", of: "hummingbird", for: "Commands"),
                product("ServiceLifecycle", of: "swift-service-lifecycle", for: "Commands"),
                product("UnixSignals", of: "swift-service-lifecycle", for: "Commands"),
            ]),
        program(
            "EnqueueCommand",
            [
                "EmbeddedRedis", "Enqueue", "EnqueueAPI", "Logs", "Programs", "Queue", "PackhorseRedis",
                "ScheduleFiles", "Settings", argumentParser, logging,
            ],
            path: "Sources/EnqueueCommand"),

        // The built-in jobs, and the worker that lists them.
        target("Probes", ["Queue", "Worker"], path: "jobs/Probes"),
        // Floor is what the job families share.
        target("Floor", [subprocess, systemPaths], path: "jobs/Floor"),
        target("Embedding", [], path: "jobs/Documents/Embedding"),
        target(
            "Ingestion",
            [
                "Floor", product("GRDB", of: "GRDB.swift", for: "Documents"),
                product("Crypto", of: "swift-crypto", for: "Documents"),
            ], path: "jobs/Documents/Ingestion"),
        target(
            "Documents", ["Embedding", "Floor", "Ingestion", "Queue", "Settings", "Worker"],
            path: "jobs/Documents/Jobs"),
        program("Main", ["Documents", "Probes", "Settings", "Worker", "WorkerCommand"], path: "jobs/Main"),
        // Without the settings above, as in a user's package.
        .executableTarget(
            name: "greet", dependencies: ["Enqueue", "PackhorseRedis", "Worker"], path: "examples/swift"),

        // Benchmarks.
        target("Figures", [], path: "Benchmarks/Figures"),
        program(
            "bench", ["Enqueue", "Figures", "Queue", "PackhorseRedis", "Servers", "Worker"], path: "Benchmarks/Bench"),
        program(
            "chaos", ["Cron", "Enqueue", "Figures", "Queue", "PackhorseRedis", "Servers", "Worker"],
            path: "Benchmarks/Chaos"),
        program("EmbedderBench", ["Embedding"], path: "Benchmarks/EmbedderBench", exclude: ["peer.py"]),

        // Tests: Servers starts real servers, TestSupport passes them to tests.
        target("Servers", ["PackhorseRedis"], path: "Tests/Servers"),
        target("TestSupport", ["Queue", "PackhorseRedis", "Servers"], path: "Tests/Support"),
        tests("SecretsTests", ["Secrets", "Servers"]),
        tests("CronTests", ["Cron"], resources: [.copy("Fixtures")]),
        tests("RedisTests", ["PackhorseRedis", "Secrets", "Servers", "TestSupport"]),
        tests(
            "QueueTests", ["Cron", "PackhorseRedis", "Queue", "Servers", "TestSupport"], resources: [.copy("Fixtures")]),
        tests(
            "WorkerTests", ["Cron", "Enqueue", "Queue", "PackhorseRedis", "Servers", "TestSupport", "Worker", logging]),
        tests("EnqueueTests", ["Enqueue", "Queue", "PackhorseRedis", "Servers", "TestSupport"]),
        tests(
            "TelemetryTests",
            [
                "Enqueue", "Queue", "PackhorseRedis", "Servers", "Telemetry", "TestSupport", "Worker",
                coreMetrics, logging, tracing,
                product("InMemoryTracing", of: "swift-distributed-tracing", for: "Telemetry"),
            ]),
        tests("LogsTests", ["Logs", logging]),
        tests("SettingsTests", ["Documents", "Logs", "Queue", "PackhorseRedis", "Secrets", "Settings", logging]),
        tests("EmbeddedRedisTests", ["EmbeddedRedis", "Main", "PackhorseRedis", "Servers"]),
        tests(
            "WorkerCommandTests",
            [
                "Enqueue", "Main", "Probes", "Queue", "PackhorseRedis", "Servers", "Settings", "TestSupport",
                "WorkerCommand",
            ]),
        tests(
            "EnqueueAPITests",
            [
                "Enqueue", "EnqueueAPI", "Queue", "PackhorseRedis", "Secrets", "Servers", "TestSupport", "Worker",
                logging,
            ]),
        tests(
            "EnqueueCommandTests",
            ["Enqueue", "EnqueueCommand", "Queue", "PackhorseRedis", "Servers", "TestSupport", "Worker", logging]),
        tests("EmbeddingTests", ["Embedding"], resources: [.copy("Fixtures")]),
        tests("FloorTests", ["Floor"]),
        tests("IngestionTests", ["Documents", "Embedding", "Floor", "Ingestion", subprocess]),
        tests("ReadmeTests", ["greet", "Servers", "TestSupport"]),
        tests("ChaosTests", ["chaos", "Figures", "Queue", "Servers"]),
    ]
)
