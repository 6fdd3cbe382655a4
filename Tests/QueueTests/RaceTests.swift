import Servers
import TestSupport
import Testing

@testable import Queue

/// Two workers and everything that they may do with one job within one millisecond, in every order.
@Suite struct RaceTests {
    enum Call: String, CaseIterable {
        case reserve1, reserve2, settle1, settle2, leave1, cancel, retry, lapse1
    }

    /// With repetitions, as replies get lost and calls are repeated.
    @Test(.redis) func atOneMillisecondInEveryOrder() async throws {
        let queue = try await makeQueue()
        func orders(of count: Int, _ calls: [Call]) -> [[Call]] {
            (0..<count).reduce([[]]) { orders, _ in orders.flatMap { order in calls.map { order + [$0] } } }
        }
        let orders = orders(of: 3, Call.allCases) + orders(of: 4, [.lapse1, .reserve2, .settle1, .settle2])
        for (i, order) in orders.enumerated() { try await run(order, "j\(i)", queue) }
        try await expectInvariants(queue)
    }

    /// The job begins as claimed by the first worker. It may be written once by each claim, and run by one at a time.
    private func run(_ order: [Call], _ part: String, _ queue: Queue) async throws {
        // Two workers of their own, so that one order does not see the other's jobs; a key so that it is the only ready one.
        let (one, two) = ("\(part)-1", "\(part)-2")
        try await queue.join(one, lease: .seconds(5), now: start)
        try await queue.join(two, lease: .seconds(5), now: start)
        try await queue.enqueue([try job(part)], now: start)
        var claims = [one: try await queue.take(by: one, now: start), two: []]
        var written = 0
        var ends = 0
        var retries = 0
        for call in order {
            switch call {
            case .reserve1: claims[one]? += (try? await queue.take(by: one, now: start)) ?? []
            case .reserve2: claims[two]? += try await queue.take(by: two, now: start)
            case .settle1, .settle2:
                let worker = call == .settle1 ? one : two
                let before = try await queue.state(part)
                // All that it ever had, the oldest first, one call each.
                for claim in claims[worker] ?? [] {
                    let state = try await queue.state(part)
                    _ = try await queue.settle([Settled(claim, .success)], by: worker, now: start)
                    if try await queue.state(part) != state { written += 1 }
                }
                if before != .running { #expect(try await queue.state(part) == before, "\(order)") }
            case .leave1: try await queue.leave(one, now: start)
            case .cancel: if try await queue.cancel(.of(part), now: start) == .queued { ends += 1 }
            case .retry: if (try? await queue.retry(.of(part), now: start)) != nil { retries += 1 }
            case .lapse1:
                // The first worker's lease ends in this very millisecond.
                _ = try? await queue.beat(one, lease: .seconds(5), about: "{}", now: start)
            }
            let record = try await queue.status(.of(part), now: start)
            let holders = try await queue.inspect([JobID.of(part).key])[0].holders
            #expect(holders.count == (record.state == .running ? 1 : 0), "\(order)")
        }
        #expect(written <= 1, "\(order)")
        #expect(written + ends <= 1 + retries, "\(order)")
        for worker in [one, two] { try await queue.leave(worker, now: start) }
        // So that the next order does not meet it.
        _ = try await queue.cancel(.of(part), now: start)
        let sweeper = "\(part)-s"
        try await queue.join(sweeper, now: start)
        #expect(try await queue.take(by: sweeper, now: start).isEmpty, "\(order)")
        try await queue.leave(sweeper, now: start)
    }

    /// Two real tasks on two connections: each job is claimed once.
    @Test(.redis) func twoWorkersAtOnceShareTheJobs() async throws {
        let queue = try await makeQueue()
        try await queue.enqueue(try (0..<600).map { try job("j\($0)") }, now: start)
        let taken = try await withThrowingTaskGroup(of: [JobID].self) { group in
            for worker in ["w1", "w2", "w3"] {
                let queue = try await makeQueue()
                try await queue.join(worker, now: start)
                group.addTask {
                    var ids: [JobID] = []
                    while true {
                        let claims = try await queue.take(7, by: worker, now: start)
                        if claims.isEmpty { return ids }
                        ids += claims.map(\.id)
                        let refused = try await queue.settle(
                            claims.map { Settled($0, .success) }, by: worker, now: start)
                        #expect(refused.isEmpty)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(taken.count == 600)
        #expect(Set(taken).count == 600)
        try await expectInvariants(queue)
    }
}
