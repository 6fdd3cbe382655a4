import PackhorseRedis
import Servers
import TestSupport
import Testing

@testable import Queue

@Suite(.redis) struct TenantTests {
    private func of(_ tenant: String?, _ part: String, priority: Priority = .default) throws -> NewJob {
        try job(part, options: JobOptions(priority: priority, tenant: tenant))
    }

    private func many(_ tenant: String?, _ count: Int) throws -> [NewJob] {
        try (0..<count).map { try of(tenant, (tenant ?? "plain") + (100_000 + $0).description) }
    }

    private func queue() async throws -> Queue {
        let queue = try await makeQueue()
        try await queue.join("w", lease: .seconds(100_000), now: start)
        return queue
    }

    private func take(_ queue: Queue, _ count: Int, at ms: Int = 0) async throws -> [String] {
        try await queue.take(count, by: "w", now: start + ms).map { String($0.id.text.dropFirst("default.".count)) }
    }

    private func counts(_ jobs: [String]) -> [String: Int] {
        Dictionary(jobs.map { ($0.filter { !$0.isNumber }, 1) }, uniquingKeysWith: +)
    }

    @Test(arguments: [1, 3, 50]) func aDeepTenantDelaysAnotherOnesJobByAtMostARound(batch: Int) async throws {
        let queue = try await queue()
        try await queue.enqueue(try many("deep", 5000), now: start)
        for _ in 0..<3 { _ = try await take(queue, batch) }
        try await queue.enqueue([try of("small", "small1")], now: start + 1)
        let next = try await take(queue, max(2, batch), at: 2)
        #expect(next.contains("small1"), "of two jobs, one is its")
        try await expectInvariants(queue)
    }

    @Test func tenantsOfOneWeightGetTheSame() async throws {
        let queue = try await queue()
        for tenant in ["a", "b", "c"] { try await queue.enqueue(try many(tenant, 300), now: start) }
        var taken: [String] = []
        for _ in 0..<30 { taken += try await take(queue, 10) }
        #expect(counts(taken) == ["a": 100, "b": 100, "c": 100])
        try await expectInvariants(queue)
    }

    @Test func aWeightIsAShare() async throws {
        let queue = try await queue()
        try await queue.setTenant("big", to: TenantTerms(weight: 3))
        for tenant in ["big", "one"] { try await queue.enqueue(try many(tenant, 400), now: start) }
        var taken: [String] = []
        for _ in 0..<40 { taken += try await take(queue, 5) }
        let counted = counts(taken)
        #expect(abs(counted["big", default: 0] - 150) <= 3, "\(counted)")
        #expect(taken.count == 200)
    }

    @Test func jobsWithoutATenantAreOneTenantMore() async throws {
        let queue = try await queue()
        try await queue.enqueue(try many(nil, 300), now: start)
        for tenant in ["a", "b"] { try await queue.enqueue(try many(tenant, 300), now: start) }
        var taken: [String] = []
        for _ in 0..<30 { taken += try await take(queue, 10) }
        let counted = counts(taken)
        for name in ["plain", "a", "b"] { #expect(abs(counted[name, default: 0] - 100) <= 1, "\(counted)") }
        try await expectInvariants(queue)
    }

    @Test func aTenantThatWasAwayHasSavedNothingUp() async throws {
        let queue = try await queue()
        try await queue.enqueue(try many("a", 1000), now: start)
        for _ in 0..<50 { _ = try await take(queue, 10) }
        try await queue.enqueue(try many("b", 300), now: start)
        let counted = counts(try await take(queue, 100))
        #expect(counted == ["a": 50, "b": 50])
    }

    @Test func aTenantsJobsAreTakenInTheirOrder() async throws {
        let queue = try await queue()
        try await queue.enqueue(try many("a", 20), now: start)
        let taken = try await take(queue, 7) + take(queue, 13)
        #expect(taken == (0..<20).map { "a\(100_000 + $0)" })
    }

    @Test func priorityComesBeforeFairness() async throws {
        let queue = try await queue()
        try await queue.enqueue(
            [try of("a", "low", priority: .low), try of("b", "default"), try of("a", "critical", priority: .critical)],
            now: start)
        #expect(try await take(queue, 2) == ["critical", "default"])
        #expect(try await take(queue, 2) == ["low"])
        try await expectInvariants(queue)
    }

    @Test func aReleasedJobIsInFrontOfItsTenantsOthers() async throws {
        let queue = try await queue()
        try await queue.enqueue(try many("a", 3), now: start)
        let first = try await queue.take(1, by: "w", now: start)
        _ = try await queue.settle([Settled(first[0], .released)], by: "w", now: start + 1)
        #expect(try await take(queue, 3, at: 2) == ["a100000", "a100001", "a100002"])
        try await expectInvariants(queue)
    }

    @Test func aCancelledJobLeavesItsTenant() async throws {
        let queue = try await queue()
        try await queue.enqueue([try of("a", "gone"), try of("a", "stays")], now: start)
        #expect(try await queue.status(.of("gone")).state == .queued)
        _ = try await queue.cancel(.of("gone"), now: start + 1)
        #expect(try await queue.tenants().map(\.ready) == [1])
        #expect(try await take(queue, 5, at: 2) == ["stays"])
        #expect(try await queue.tenants() == [])
        try await expectInvariants(queue)
    }

    @Test func anExpiredAndADamagedJobHoldNobodyUp() async throws {
        let queue = try await queue()
        try await queue.enqueue(
            [
                try job("late", options: JobOptions(expiry: .after(.seconds(1)), tenant: "a")),
                try of("a", "damaged"), try of("a", "good"),
            ], now: start)
        try await queue.command("DEL", "job:damaged")
        #expect(try await take(queue, 5, at: 2000) == ["good"])
        #expect(try await queue.status(.of("late")).state == .expired)
        #expect(try await queue.status(.of("damaged")).state == .dead)
        try await expectInvariants(queue, damaged: [.of("damaged")])
    }

    @Test func withoutWaitingTenantsNothingIsLeftBehind() async throws {
        let queue = try await queue()
        try await queue.enqueue(try many("a", 5) + many("b", 5) + many(nil, 5), now: start)
        #expect(try await take(queue, 100).count == 15)
        for key in ["fair:2", "shares:2", "depths"] {
            #expect(try await queue.command("EXISTS", key).int == 0, "\(key)")
        }
        for field in ["gated", "virtual:2", "plain:2"] {
            #expect(try await queue.command("HEXISTS", "meta", field).int == 0, "\(field)")
        }
    }

    @Test func aRetryAndARescueGoBackToTheTenant() async throws {
        let queue = try await queue()
        try await queue.enqueue(try many("a", 2), now: start)
        let taken = try await queue.take(2, by: "w", now: start)
        let failure = JobFailure(type: "Test", message: "made up", retryable: true)
        _ = try await queue.settle(
            [Settled(taken[0], .failed(failure, delay: .seconds(1))), Settled(taken[1], .released)], by: "w",
            now: start + 1)
        #expect(try await queue.tenants().map(\.ready) == [1])
        #expect(try await take(queue, 5, at: 1500).sorted() == ["a100000", "a100001"])
        try await expectInvariants(queue)
    }

    @Test func tenantsTermsAreListedAndRemoved() async throws {
        let queue = try await queue()
        try await queue.setTenant("a", to: TenantTerms(weight: 7, maxWaiting: 9))
        try await queue.setTenant("*", to: TenantTerms(weight: 2))
        #expect(
            try await queue.tenants() == [
                TenantStats(tenant: "*", terms: TenantTerms(weight: 2), ready: 0),
                TenantStats(tenant: "a", terms: TenantTerms(weight: 7, maxWaiting: 9), ready: 0),
            ])
        try await queue.removeTenant("a")
        #expect(try await queue.tenants().map(\.tenant) == ["*"])
        await #expect(throws: QueueError.self) { try await queue.setTenant("a", to: TenantTerms(weight: 0)) }
        await #expect(throws: QueueError.self) { try await queue.setTenant("", to: TenantTerms()) }
    }
}
