import Enqueue
import Foundation
import Glibc
import Queue
import Servers
import TestSupport
import Testing

/// The file of PACKHORSE_SCHEDULES.
@Suite struct ScheduleTests {
    private func file(_ text: String) throws -> String {
        let path = try Scratch.directory() + "/s.yml"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test(.redis) func aWorkerMakesItsSchedulesAndTheirJobs() async throws {
        let path = try file(
            "schedules:\n  often: {every: 1s, type: system.noop}\n  seldom: {every: 1d, type: system.noop}\n")
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let worker = try WorkerProcess(["run"], redis: .current, environment: ["PACKHORSE_SCHEDULES": path])
        try await Scratch.wait("a job of a schedule") {
            try await enqueue.schedules().first { $0.name == "often" }?.made ?? 0 >= 1
        }
        let schedules = try await enqueue.schedules()
        #expect(schedules.map(\.name) == ["often", "seldom"])
        #expect(schedules.allSatisfy { $0.source == "s.yml" })
        worker.signal(SIGTERM)
        #expect(try await worker.ended() == 0)

        // What left the file is removed by the next worker that starts.
        try Data("schedules:\n  seldom: {every: 1d, type: system.noop}\n".utf8).write(to: URL(filePath: path))
        let next = try WorkerProcess(["run"], redis: .current, environment: ["PACKHORSE_SCHEDULES": path])
        try await Scratch.wait("the removal") { try await enqueue.schedules().map(\.name) == ["seldom"] }
        next.signal(SIGTERM)
        #expect(try await next.ended() == 0)
        await enqueue.close()
    }

    @Test func aWorkerDoesNotStartWithMistakesInTheFile() async throws {
        let path = try file("schedules:\n  a:\n    every: 1d\n    overlap: skp\n")
        let worker = try WorkerProcess(["run"], environment: ["PACKHORSE_SCHEDULES": path])
        #expect(try await worker.ended() == 2)
        #expect(worker.log.contains("s.yml:2: a: The field 'type' is missing."), "\(worker.log)")
        #expect(worker.log.contains("s.yml:4: a: The field 'overlap' is 'skp'."), "\(worker.log)")
    }

    @Test func theCheckNamesTheMistakesOfTheFile() async throws {
        let path = try file("schedules:\n  a:\n    every: 1d\n    overlap: skp\n")
        let wrong = try WorkerProcess(["config", "check", "--json"], environment: ["PACKHORSE_SCHEDULES": path])
        #expect(try await wrong.ended() == 2)
        let report = try JSONSerialization.jsonObject(with: Data(wrong.output.utf8)) as? [String: Any]
        let errors = report?["errors"] as? [String] ?? []
        #expect(errors.count == 2)
        #expect(errors.first?.hasPrefix("s.yml:2: a: ") == true, "\(errors)")
        #expect(errors.last?.hasPrefix("s.yml:4: a: ") == true, "\(errors)")

        let missing = try WorkerProcess(["config", "check"], environment: ["PACKHORSE_SCHEDULES": "/none/s.yml"])
        #expect(try await missing.ended() == 2)
        #expect(missing.output.contains("error: s.yml: The file '/none/s.yml' can't be opened."))
        let fine = try WorkerProcess(
            ["config", "check"], environment: ["PACKHORSE_SCHEDULES": try file("schedules: {}\n")])
        #expect(try await fine.ended() == 0)
    }
}
