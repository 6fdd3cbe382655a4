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
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    ],
    targets: [
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .target(
            name: "Redis",
            dependencies: ["CHiredis", "COpenSSL", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: settings),
        .target(
            name: "Queue", dependencies: ["Redis"], resources: [.embedInCode("Scripts")], swiftSettings: settings),
        .target(
            name: "Worker", dependencies: ["Queue", "Redis", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings),
        .executableTarget(name: "smoke", dependencies: ["Enqueue", "Worker", "Queue", "Redis"]),
        .target(name: "Enqueue", dependencies: ["Queue", "Redis"], swiftSettings: settings),

        // Servers for tests and benchmarks; `Support` adds what needs the Testing library.
        .target(
            name: "Servers", dependencies: ["Redis"], path: "Tests/Support", exclude: ["RedisTrait.swift"],
            swiftSettings: settings),
        .target(
            name: "Support", dependencies: ["Servers"], path: "Tests/Support",
            exclude: [
                "ChildProcess.swift", "FaultProxy.swift", "RedisSentinels.swift", "RedisServer.swift",
                "RedisTLSServer.swift", "Scratch.swift",
            ], swiftSettings: settings),
        .target(name: "Figures", path: "Benchmarks/Figures", swiftSettings: settings),
        .executableTarget(
            name: "bench", dependencies: ["Enqueue", "Figures", "Queue", "Redis", "Servers", "Worker"],
            path: "Benchmarks/Bench", swiftSettings: settings),
        .executableTarget(
            name: "chaos", dependencies: ["Enqueue", "Figures", "Queue", "Redis", "Servers", "Worker"],
            path: "Benchmarks/Chaos", swiftSettings: settings),
        .testTarget(
            name: "ChaosTests", dependencies: ["chaos", "Queue", "Servers"], swiftSettings: settings),
    ]
)
