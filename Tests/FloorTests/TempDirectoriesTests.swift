import Foundation
import Glibc
import Testing

@testable import Floor

@Suite(.timeLimit(.minutes(1))) struct TempDirectoriesTests {
    private struct Broken: Error {}

    private let threads = BlockingThreads(name: "floor-test", limit: 2)

    private func make(in base: String) -> TempDirectories {
        TempDirectories(prefix: "work", in: base, threads: threads)
    }

    private func names(in base: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: base).sorted()
    }

    @Test func aDirectoryIsPrivateAndRemovedWithAllThatIsInIt() async throws {
        try await withDirectory { base in
            let path = try await make(in: base).with { path in
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o700)
                try FileManager.default.createDirectory(atPath: path + "/in", withIntermediateDirectories: true)
                try Data("x".utf8).write(to: URL(fileURLWithPath: path + "/in/file"))
                return path
            }
            #expect(path.hasPrefix(base + "/work-"))
            #expect(try names(in: base) == [])
        }
    }

    @Test func itIsRemovedWhenTheWorkFails() async throws {
        try await withDirectory { base in
            await #expect(throws: Broken.self) {
                try await make(in: base).with { _ in throw Broken() }
            }
            #expect(try names(in: base) == [])
        }
    }

    @Test func itIsRemovedWhenTheTaskIsCancelled() async throws {
        try await withDirectory { base in
            let directories = make(in: base)
            let task = Task {
                try await directories.with { _ in
                    withUnsafeCurrentTask { $0?.cancel() }
                    try Task.checkCancellation()
                }
            }
            let result = await task.result
            #expect(throws: CancellationError.self) { try result.get() }
            #expect(try names(in: base) == [])
        }
    }

    @Test func whatNobodyHoldsIsRemovedBeforeTheFirst() async throws {
        try await withDirectory { base in
            for name in ["work-left", "other-left"] {
                try FileManager.default.createDirectory(atPath: "\(base)/\(name)/in", withIntermediateDirectories: true)
            }
            try Data().write(to: URL(fileURLWithPath: base + "/work-file"))
            try FileManager.default.createSymbolicLink(
                atPath: base + "/work-link", withDestinationPath: base + "/other-left")
            let directories = make(in: base)
            let during = try await directories.with { path in
                try names(in: base).filter { !path.hasSuffix($0) }
            }
            #expect(during == ["other-left", "work-file", "work-link"])
        }
    }

    @Test func whatAnotherHoldsStays() async throws {
        try await withDirectory { base in
            try await make(in: base).with { held in
                try await make(in: base).with { _ in }
                #expect(FileManager.default.fileExists(atPath: held))
            }
        }
    }

    @Test func whatAProcessHoldsGoesAfterItsEnd() async throws {
        try await withDirectory { base in
            let held = base + "/work-held"
            try FileManager.default.createDirectory(atPath: held, withIntermediateDirectories: true)
            let pipe = try NamedPipe(in: base)
            defer { pipe.close() }
            let child = shell(
                "exec 9<\"$1\"; flock 9; echo locked >\"$2\"; exec sleep 600", [held, pipe.path])
            let process = Task { try await child.run() }
            #expect(try await pipe.line() == "locked\n")
            try await make(in: base).with { _ in }
            #expect(FileManager.default.fileExists(atPath: held))

            process.cancel()
            _ = await process.result
            try await make(in: base).with { _ in }
            #expect(!FileManager.default.fileExists(atPath: held))
        }
    }

    @Test func withoutAPlaceForItTheErrorSaysWhere() async throws {
        let error = TempDirectoryError(base: "/nowhere", reason: "No such file or directory")
        await #expect(throws: error) { try await make(in: "/nowhere").with { _ in } }
        #expect(error.description == "cannot make a directory in /nowhere: No such file or directory")
    }
}
