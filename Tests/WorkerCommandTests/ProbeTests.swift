import Enqueue
import Foundation
import Glibc
import Queue
import Servers
import TestSupport
import Testing

@Suite struct ProbeTests {
    @Test(.redis) func failFailsAsOftenAsAsked() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let job = try await enqueue.add(
            NewJob("system.fail", arguments: Array(#"{"times":2,"message":"asked"}"#.utf8), in: .default)
        ).id
        let worker = try WorkerProcess(["run"], redis: .current)
        let record = try await enqueue.wait(for: job, timeout: .seconds(20))
        #expect(record.state == .succeeded)
        #expect(record.failures == 2)
        #expect(record.errors.map(\.failure.message) == ["asked", "asked"])
        worker.signal(SIGTERM)
        #expect(try await worker.ended() == 0)
        await enqueue.close()
    }

    @Test(.redis) func crashEndsTheProcessAndTheNextOneDoesIt() async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let job = try await enqueue.add(NewJob("system.crash", arguments: [], in: .default)).id
        let first = try WorkerProcess(["run"], redis: .current, environment: ["PACKHORSE_LEASE": "3500ms"])
        #expect(try await first.ended() == -SIGKILL)
        // Its own short lease may lapse as well on a busy machine, which counts as a crash too.
        let second = try WorkerProcess(
            ["run"], redis: .current, environment: ["PACKHORSE_LEASE": "500ms", "PACKHORSE_MAX_CRASHES": "100"])
        let record = try await enqueue.wait(for: job, timeout: .seconds(60))
        #expect(record.state == .succeeded)
        #expect(record.crashes >= 1)
        #expect(record.attempt >= 2)
        #expect(record.failures == 0)
        second.signal(SIGTERM)
        #expect(try await second.ended() == 0)
        await enqueue.close()
    }

    @Test(.redis, arguments: ["system.sleep", "system.spin"])
    func secondsThatCanNotBeAreNotTriedAgain(type: String) async throws {
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let job = try await enqueue.add(NewJob(type, arguments: Array(#"{"seconds":-1}"#.utf8), in: .default)).id
        let worker = try WorkerProcess(["run", "--drain"], redis: .current)
        #expect(try await worker.ended() == 0)
        let record = try await enqueue.status(job)
        #expect(record.state == .dead)
        #expect(record.failures == 1)
        #expect(record.error?.message.contains("0 to 86400") == true)
        await enqueue.close()
    }
}
