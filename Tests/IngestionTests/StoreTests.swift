import Foundation
import Subprocess
import Testing

@testable import Ingestion

@Suite(.timeLimit(.minutes(3))) struct StoreTests {
    private static let dimensions = 4

    private func withStore<T: Sendable>(_ body: (String, DocumentStore) async throws -> T) async throws -> T {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appendingPathComponent("store.sqlite").path
        let store = try await DocumentStore(
            path: path, model: "test", dimensions: Self.dimensions, threads: Package.threads)
        defer { try? store.close() }
        return try await body(path, store)
    }

    private func replacement(_ path: String, sha256: String = "00") -> DocumentReplacement {
        DocumentReplacement(
            path: path, sha256: sha256, title: "t", pages: 1, verdicts: ["native": 1], failures: [], tokens: 5,
            recipe: "r")
    }

    private func chunk(_ text: String, _ vector: [Float] = [1, 0, 0, 0]) -> EmbeddedChunk {
        EmbeddedChunk(
            chunk: Chunk(page: 1, range: 0..<text.unicodeScalars.count, headings: [], text: text), vector: vector)
    }

    @Test func theClosestComeFirst() async throws {
        try await withStore { _, store in
            let half = Float(0.5).squareRoot()
            try await store.replace(
                replacement("a.txt"),
                with: [
                    chunk("east"), chunk("north-east", [half, half, 0, 0]), chunk("north", [0, 1, 0, 0]),
                    chunk("west", [-1, 0, 0, 0]), chunk("nowhere", [0, 0, 0, 0]),
                ])
            let found = try await store.search([1, 0, 0, 0], limit: 10)
            #expect(found.map(\.text) == ["east", "north-east", "north", "nowhere", "west"])
            #expect(abs(found[1].score - half) < 1e-6)
            #expect(found.map(\.ordinal) == [0, 1, 2, 4, 3])
            #expect(try await store.search([1, 0, 0, 0], limit: 2).map(\.text) == ["east", "north-east"])
            #expect(try await store.search([1, 0, 0, 0], limit: 0).isEmpty)
        }
    }

    @Test func aDocumentKeepsItsIdAndItsFirstTime() async throws {
        try await withStore { _, store in
            let first = try await store.replace(
                replacement("a.txt"), with: [chunk("one")], now: Date(timeIntervalSince1970: 1.5))
            let second = try await store.replace(
                replacement("a.txt", sha256: "11"), with: [chunk("two"), chunk("two")],
                now: Date(timeIntervalSince1970: 60))
            #expect(first.createdAt == "1970-01-01T00:00:01.500Z")
            #expect(second.id == first.id)
            #expect(second.createdAt == first.createdAt)
            #expect(second.updatedAt == "1970-01-01T00:01:00.000Z")
            #expect(second.generation == 2)
            #expect(second.chunks == 2)
            #expect(second.sha256 == "11")
            #expect(try await store.documents() == [second])
            #expect(try await store.document(path: "a.txt") == second)
            #expect(try await store.document(path: "b.txt") == nil)
            // Two chunks of the same text are two chunks.
            #expect(Set(try await store.search([1, 0, 0, 0]).map(\.id)).count == 2)
        }
    }

    @Test func idsStayWithTheirText() async throws {
        try await withStore { _, store in
            try await store.replace(replacement("a.txt"), with: [chunk("x"), chunk("y"), chunk("x")])
            let before = try await store.search([1, 0, 0, 0])
            try await store.replace(replacement("a.txt"), with: [chunk("new"), chunk("y"), chunk("x"), chunk("x")])
            let after = try await store.search([1, 0, 0, 0])
            #expect(Set(before.map(\.id)).isSubset(of: after.map(\.id)))
            #expect(after.first { $0.text == "y" }?.id == before.first { $0.text == "y" }?.id)
            #expect(StableID.uuid(of: "ab", "c") != StableID.uuid(of: "a", "bc"))
            let id = try #require(after.first?.id)
            #expect(UUID(uuidString: id) != nil)
            #expect(id.dropFirst(14).first == "8")
        }
    }

    @Test func noSearchSeesAHoleOrAMix() async throws {
        try await withStore { path, writer in
            let reader = try await DocumentStore(
                path: path, model: "test", dimensions: Self.dimensions, threads: Package.threads)
            defer { try? reader.close() }
            let odd = (0..<40).map { chunk("odd \($0)") }
            let even = (0..<40).map { chunk("even \($0)") }
            try await writer.replace(replacement("a.txt"), with: even)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let done = Notes<Bool>()
                group.addTask {
                    for round in 0..<30 {
                        try await writer.replace(replacement("a.txt"), with: round % 2 == 0 ? odd : even)
                    }
                    await done.add(true)
                }
                for store in [reader, writer] {
                    group.addTask {
                        var searches = 0
                        while await done.all.isEmpty || searches == 0 {
                            let found = try await store.search([1, 0, 0, 0], limit: 100)
                            #expect(found.count == 40)
                            #expect(Set(found.map { $0.text.prefix(3) }).count == 1)
                            searches += 1
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func severalConnectionsWriteAtOnce() async throws {
        try await withStore { path, store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        let own = try await DocumentStore(
                            path: path, model: "test", dimensions: Self.dimensions, threads: Package.threads)
                        defer { try? own.close() }
                        for document in 0..<10 {
                            try await own.replace(
                                replacement("\(writer)-\(document).txt"), with: [chunk("one"), chunk("two")])
                        }
                        // All meet in this one.
                        try await own.replace(replacement("shared.txt"), with: [chunk("from \(writer)")])
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.documents().count == 41)
            #expect(try await store.document(path: "shared.txt")?.generation == 4)
            #expect(try await store.search([1, 0, 0, 0], limit: 200).count == 81)
        }
    }

    @Test func severalConnectionsMayMakeTheFile() async throws {
        for _ in 0..<5 {
            let directory = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            let path = directory.appendingPathComponent("store.sqlite").path
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        try await DocumentStore(
                            path: path, model: "test", dimensions: Self.dimensions, threads: Package.threads
                        ).close()
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Another program takes the write lock, says so, and releases it on request: our write waits for it.
    @Test func aWriteWaitsForAnotherProcess() async throws {
        try await withStore { path, store in
            let script = """
                import sqlite3, sys
                db = sqlite3.connect(sys.argv[1], isolation_level=None)
                db.execute("BEGIN IMMEDIATE")
                db.execute("INSERT INTO settings VALUES ('other', 'process')")
                print("locked", flush=True)
                sys.stdin.readline()
                db.execute("COMMIT")
                print(db.execute("PRAGMA journal_mode").fetchone()[0])
                """
            let seen = Notes<String>()
            let result = try await Subprocess.run(
                .name("python3"), arguments: ["-c", script, path], input: .inputWriter, output: .sequence,
                error: .discarded
            ) { execution in
                var lines = execution.standardOutput.strings().makeAsyncIterator()
                #expect(try await lines.next() == "locked")
                let write = Task {
                    try await store.replace(replacement("a.txt"), with: [chunk("one")])
                    await seen.add("written")
                }
                // Reads go on meanwhile, and the write has not gone through.
                for _ in 0..<20 { #expect(try await store.documents().isEmpty) }
                #expect(await seen.all.isEmpty)
                _ = try await execution.standardInputWriter.write("\n")
                try await write.value
                let mode = try await lines.next()
                try await execution.standardInputWriter.finish()
                return mode
            }
            #expect(result.closureResult == "wal")
            #expect(try await store.documents().count == 1)
        }
    }

    @Test func vectorsOfOneModelOnly() async throws {
        try await withStore { path, store in
            await #expect(throws: IngestionError.otherModel(stored: "test/4", ours: "other/4")) {
                _ = try await DocumentStore(path: path, model: "other", dimensions: 4, threads: Package.threads)
            }
            await #expect(throws: IngestionError.self) {
                try await store.replace(replacement("a.txt"), with: [chunk("short", [1, 0])])
            }
            await #expect(throws: IngestionError.self) { try await store.search([1, 0]) }
            let documents = try await store.documents()
            #expect(documents.isEmpty)
        }
    }

    @Test func aFileOfANewerProgramIsRefused() async throws {
        try await withStore { path, _ in
            let script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA user_version = 99')"
            let result = try await Subprocess.run(
                .name("python3"), arguments: ["-c", script, path], output: .discarded)
            #expect(result.terminationStatus.isSuccess)
            let error = await #expect(throws: IngestionError.self) {
                _ = try await DocumentStore(
                    path: path, model: "test", dimensions: Self.dimensions, threads: Package.threads)
            }
            #expect(error?.description.contains("version 99") == true)
        }
    }

    @Test func aFileThatIsNotAStoreIsRefused() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("no-store-\(UUID().uuidString)").path
        try Data(repeating: 0x41, count: 5_000).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = await #expect(throws: IngestionError.self) {
            _ = try await DocumentStore(path: path, model: "test", dimensions: 4, threads: Package.threads)
        }
        #expect(error?.isRetryable == false)
        guard case .store(_, busy: false) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
