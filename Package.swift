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
        .target(
            name: "TestSupport", dependencies: ["Queue", "Redis"], path: "Tests/Support", swiftSettings: settings),
        .testTarget(name: "QueueTests", dependencies: ["Queue", "Redis", "TestSupport"], swiftSettings: settings),
    ]
)
