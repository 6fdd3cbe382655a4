import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct CapTests {
    private func refusal(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch QueueError.capReached(let message) {
            return message
        } catch {
            return "another error: \(error)"
        }
    }

    private func set(_ queue: Queue, _ setting: QueueSetting, _ value: Int) async throws {
        var config = QueueConfig()
        try config.set(setting, to: value)
        _ = try await queue.configure(config)
    }

    private func jobs(_ names: String..., options: JobOptions = JobOptions()) throws -> [NewJob] {
        try names.map { try job($0, options: options) }
    }

    @Test func aQueueRefusesWhatWouldWaitBeyondItsCapAsAWhole() async throws {
        let queue = try await makeQueue()
        try await set(queue, .maxWaiting, 3)
        try await queue.enqueue(try jobs("a", "b"), now: start)
        let message = await refusal { try await queue.enqueue(try jobs("c", "d"), now: start) }
        #expect(message?.contains("maxWaiting 3") == true, "\(message ?? "")")
        #expect(try await queue.status(.of("c")).state == .unknown)
        try await queue.enqueue(try jobs("c"), now: start)
        try await expectInvariants(queue)
    }

    /// Whether it counts or not must not depend on where it waits.
    @Test(arguments: [
        JobOptions(), JobOptions(start: .after(.seconds(60))), JobOptions(tenant: "t"),
        JobOptions(limits: [LimitUse("k")]),
        JobOptions(priority: .low), JobOptions(collect: Collect("k", upTo: 5, within: .seconds(60))),
    ]) func itCountsJobsWhereverTheyWait(options: JobOptions) async throws {
        let queue = try await makeQueue()
        try await queue.setLimit("k", to: Limit(rate: .spaced(.seconds(60))), now: start)
        try await set(queue, .maxWaiting, 1)
        try await queue.enqueue(try jobs("a", options: options), now: start)
        #expect(await refusal { try await queue.enqueue(try jobs("b", options: options), now: start) } != nil)
        #expect(await refusal { try await queue.enqueue(try jobs("b"), now: start) } != nil)
    }

    @Test func itCountsJobsThatWaitForTheirTurnInASequence() async throws {
        let queue = try await makeQueue()
        let options = JobOptions(sequence: JobSequence("k"))
        try await set(queue, .maxWaiting, 2)
        try await queue.enqueue(try jobs("a", "b", options: options), now: start)
        #expect(await refusal { try await queue.enqueue(try jobs("c", options: options), now: start) } != nil)
        #expect(await refusal { try await queue.enqueue(try jobs("c"), now: start) } != nil)
    }

    @Test func aRepeatedCallIsAnsweredAtTheCap() async throws {
        let queue = try await makeQueue()
        try await set(queue, .maxWaiting, 2)
        let two = try jobs("a", "b")
        try await queue.enqueue(two, now: start)
        #expect(try await queue.enqueue(two, now: start) == [.existing(.of("a")), .existing(.of("b"))])
        let keyed = try job("c", options: JobOptions(key: IdempotencyKey("k")))
        #expect(await refusal { try await queue.enqueue([keyed], now: start) } != nil)
    }

    @Test func runningJobsMakeRoom() async throws {
        let queue = try await makeQueue()
        try await queue.join("w", now: start)
        try await set(queue, .maxWaiting, 1)
        try await queue.enqueue(try jobs("a"), now: start)
        #expect(try await queue.take(1, by: "w", now: start).count == 1)
        try await queue.enqueue(try jobs("b"), now: start)
        try await expectInvariants(queue)
    }

    @Test func bytesAreBudgetedUntilAJobHasEnded() async throws {
        let queue = try await makeQueue()
        try await queue.join("w", now: start)
        let payload = Array(("\"" + String(repeating: "x", count: 1000) + "\"").utf8)
        func large(_ part: String) throws -> NewJob {
            try NewJob("test", arguments: payload, in: queue.name, id: .of(part))
        }
        try await set(queue, .maxBytes, 2500)
        try await queue.enqueue([try large("a"), try large("b")], now: start)
        #expect(await refusal { try await queue.enqueue([try large("c")], now: start) }?.contains("maxBytes") == true)
        let taken = try await queue.take(2, by: "w", now: start)
        #expect(await refusal { try await queue.enqueue([try large("c")], now: start) } != nil)
        try await expectInvariants(queue)
        _ = try await queue.settle(
            [
                Settled(taken[0], .success),
                Settled(taken[1], .dead(JobFailure(type: "T", message: "m", retryable: false))),
            ],
            by: "w", now: start + 1)
        try await queue.enqueue([try large("c")], now: start)
        _ = try await queue.retry(.of("b"), now: start + 2)
        #expect(await refusal { try await queue.enqueue([try large("d")], now: start) } != nil)
        try await expectInvariants(queue)
    }

    @Test func aTenantsCapLeavesOtherTenantsAlone() async throws {
        let queue = try await makeQueue()
        try await queue.setTenant("*", to: TenantTerms(maxWaiting: 2))
        try await queue.enqueue(try jobs("a", "b", options: JobOptions(tenant: "x")), now: start)
        let message = await refusal {
            try await queue.enqueue(try jobs("c", options: JobOptions(tenant: "x")), now: start)
        }
        #expect(message?.contains("tenant 'x'") == true, "\(message ?? "")")
        try await queue.enqueue(try jobs("c", options: JobOptions(tenant: "y")), now: start)
        try await expectInvariants(queue)
    }

    @Test func aKeysCapCountsWhatWaitsAtItsGate() async throws {
        let queue = try await makeQueue()
        try await queue.setLimit("k", to: Limit(atOnce: 1, maxWaiting: 2), now: start)
        let options = JobOptions(limits: [LimitUse("k")])
        try await queue.enqueue(try jobs("a", "b", options: options), now: start)
        let message = await refusal { try await queue.enqueue(try jobs("c", options: options), now: start) }
        #expect(message?.contains("key 'k'") == true, "\(message ?? "")")
        #expect(try await queue.limits(now: start).first?.limit == Limit(atOnce: 1, maxWaiting: 2))
        try await queue.removeLimit("k", now: start)
        try await queue.enqueue(try jobs("c", options: options), now: start)
    }

    @Test func atMostSoManyJobsOfAQueueRunAtOnce() async throws {
        let queue = try await makeQueue()
        for worker in ["v", "w"] { try await queue.join(worker, lease: .seconds(100), now: start) }
        try await set(queue, .maxRunning, 3)
        try await queue.enqueue(try jobs("a", "b", "c", "d", "e"), now: start)
        let first = try await queue.take(2, by: "v", now: start)
        #expect(first.count == 2)
        #expect(try await queue.take(10, by: "w", now: start).count == 1)
        let full = try await queue.reserve(upTo: 10, by: "w", now: start)
        #expect(full.claims.isEmpty)
        #expect(full.quietFor <= .seconds(1), "it looks again: nobody is told when a job of another worker ends")
        _ = try await queue.settle([Settled(first[0], .success)], by: "v", now: start + 1)
        #expect(try await queue.take(10, by: "w", now: start + 1).count == 1)
        try await set(queue, .maxRunning, 0)
        #expect(try await queue.take(10, by: "w", now: start + 2).count == 1)
        try await expectInvariants(queue)
    }
}
