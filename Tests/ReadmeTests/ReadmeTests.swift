import Foundation
import Servers
import TestSupport
import Testing

/// What the README shows is what is in the repository, and it runs.
struct ReadmeTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    @Test func theExampleOnThePageIsTheOneThatIsCompiled() throws {
        let page = try text("README.md")
        let example = try text("examples/swift/main.swift")
        #expect(page.contains("```swift\n\(example)```"), "README.md does not show examples/swift/main.swift as it is")
    }

    @Test func everyLinkOfThePageLeadsSomewhere() throws {
        for match in try text("README.md").matches(of: #/\]\(([^)#:]+)\)/#) {
            let path = Self.root.appending(path: String(match.1)).path
            #expect(FileManager.default.fileExists(atPath: path), "README.md links to \(match.1), which is not there")
        }
    }

    @Test(.redis) func theExampleGreets() async throws {
        let output = RedisServer.current.directory + "/greet"
        let greet = try ChildProcess(Self.program("greet"), [RedisServer.current.address], output: output)
        await greet.wait()
        let printed = try String(contentsOfFile: output, encoding: .utf8)
        #expect(greet.exit == 0)
        #expect(printed.split(separator: "\n").contains("Hello, Ada!"), "\(printed)")
    }

    /// A program that was built beside the tests.
    private static func program(_ name: String) throws -> String {
        let folder = try URL(filePath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent()
        let candidates = [folder, root.appending(path: ".build/debug")].map { $0.appending(path: name).path }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? name
    }
}
