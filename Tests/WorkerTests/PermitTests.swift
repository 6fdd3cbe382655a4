import Enqueue
import Foundation
import Queue
import Servers
import Synchronization
import TestSupport
import Testing

@testable import Worker

/// Permits that a running handler waits for. Where a permit takes a day, the handler can only end by being cancelled.
@Suite(.redis, .timeLimit(.minutes(3))) struct PermitTests {
    private static let day = Limit(rate: .spaced(.seconds(86_400)))

    @Test func permitsAreAtLeastTheIntervalApart() async throws {
        let took = Mutex<Duration>(.zero)
        try await withWorker {
            Handler(raw: "test.permits") { _, context in
                let start = ContinuousClock.now
                for _ in 0..<3 { try await context.permit("k") }
                let end = ContinuousClock.now
                took.withLock { $0 = start.duration(to: end) }
                return []
            }
        } body: { enqueue, _ in
            try await enqueue.queue(.default).setLimit("k", to: Limit(rate: .spaced(.milliseconds(100))))
            let id = try await enqueue.add(job("test.permits")).id
            #expect(try await enqueue.wait(for: id, timeout: .seconds(60)).state == .succeeded)
            // Redis' clock has whole milliseconds.
            let elapsed = took.withLock { $0 }
            #expect(elapsed >= .milliseconds(199))
        }
    }

    @Test func aJobThatIsTooLateForItsPermitIsGivenBack() async throws {
        try await withWorker {
            Handler(raw: "test.attempt") { _, context in Payload(Array("\(context.attempt)".utf8)) }
        } body: { enqueue, worker in
            try await enqueue.queue(.default).setLimit("spaced", to: Limit(rate: .spaced(.milliseconds(1))))
            try await enqueue.queue(.default).setLimit("burst", to: Limit(rate: .spaced(.milliseconds(1), burst: 2)))
            try await enqueue.queue(.default).setLimit("few", to: Limit(atOnce: 1))
            worker.punctuality.appearsLate()
            for (key, attempts) in [("burst", 1), ("few", 1), ("spaced", 1 + Punctuality.atOnce), ("spaced", 1)] {
                let id = try await enqueue.add(
                    job("test.attempt", options: JobOptions(limits: [LimitUse(key)]))
                ).id
                let ended = try await enqueue.wait(for: id, timeout: .seconds(60))
                #expect(ended.result.map { String(decoding: $0.bytes, as: UTF8.self) } == "\(attempts)", "\(key)")
            }
        }
    }

    @Test(arguments: [1, 2]) func aPermitForWhichAHandlerIsTooLateIsExchanged(burst: Int) async throws {
        let took = Mutex<Duration>(.zero)
        try await withWorker {
            Handler(raw: "test.permits") { _, context in
                let start = ContinuousClock.now
                try await context.permit("k")
                let end = ContinuousClock.now
                took.withLock { $0 = start.duration(to: end) }
                return []
            }
        } body: { enqueue, worker in
            try await enqueue.queue(.default).setLimit(
                "k", to: Limit(rate: .spaced(.seconds(burst == 1 ? 0.05 : 86_400), burst: burst)))
            worker.punctuality.appearsLate()
            let id = try await enqueue.add(job("test.permits")).id
            #expect(try await enqueue.wait(for: id, timeout: .seconds(60)).state == .succeeded)
            // With a burst, an exchange would take a day.
            if burst == 1 {
                let elapsed = took.withLock { $0 }
                #expect(elapsed >= .milliseconds(50 * Punctuality.atOnce - 1))
            }
        }
    }

    @Test func aKeyWithoutARateIsOpen() async throws {
        try await withWorker {
            Handler(raw: "test.permits") { _, context in
                for _ in 0..<100 { try await context.permit("k", cost: 1000) }
                return []
            }
        } body: { enqueue, _ in
            try await enqueue.queue(.default).setLimit("k", to: Limit(atOnce: 1))
            let id = try await enqueue.add(job("test.permits")).id
            #expect(try await enqueue.wait(for: id, timeout: .seconds(60)).state == .succeeded)
        }
    }

    /// - Parameter home: the queue that keeps the limit.
    @Test(arguments: [nil, "home"] as [String?])
    func aHandlerThatWaitsForAPermitIsCancelled(home: String?) async throws {
        let waits = Signals()
        let keeper = try home.map { try QueueName($0) }
        try await withWorker {
            Handler(raw: "test.permits", retry: .never) { _, context in
                try await context.permit("k", in: keeper)
                waits.fire()
                try await context.permit("k", in: keeper)
                return []
            }
        } body: { enqueue, _ in
            try await enqueue.queue(keeper ?? .default).setLimit("k", to: Self.day)
            let id = try await enqueue.add(job("test.permits")).id
            await waits.next()
            try await enqueue.cancel(id)
            #expect(try await enqueue.wait(for: id, timeout: .seconds(60)).state == .cancelled)
        }
    }

    @Test func aPauseByOneJobHoldsUpThePermitsOfAnother() async throws {
        let waits = Signals()
        try await withWorker {
            Handler(raw: "test.pause") { _, _ in throw RetryAfter(.seconds(3600), "busy", pausing: "k") }
            Handler(raw: "test.permits", retry: .never) { _, context in
                waits.fire()
                try await context.permit("k")
                return []
            }
        } body: { enqueue, _ in
            let queue = enqueue.queue(.default)
            try await queue.setLimit("k", to: Limit(rate: .spaced(.milliseconds(1))))
            _ = try await enqueue.add(job("test.pause"))
            try await Scratch.wait("the pause") { try await queue.limit("k")?.pausedUntil != nil }
            let id = try await enqueue.add(job("test.permits")).id
            await waits.next()
            #expect(try await enqueue.wait(for: id, timeout: .milliseconds(200)).state == .running)
            try await enqueue.cancel(id)
            #expect(try await enqueue.wait(for: id, timeout: .seconds(60)).state == .cancelled)
        }
    }

    @Test func jobsAndHandlersShareTheRate() async throws {
        try await withWorker {
            Handler(raw: "test.permits") { _, context in
                try await context.permit("k")
                return []
            }
            Nothing.self
        } body: { enqueue, _ in
            let queue = enqueue.queue(.default)
            try await queue.setLimit("k", to: Self.day)
            let first = try await enqueue.add(job("test.permits")).id
            #expect(try await enqueue.wait(for: first, timeout: .seconds(60)).state == .succeeded)
            let limited = try await enqueue.add(
                job(Nothing.type, options: JobOptions(limits: [LimitUse("k")]))
            ).id
            let plain = try await enqueue.add(job(Nothing.type)).id
            #expect(try await enqueue.wait(for: plain, timeout: .seconds(60)).state == .succeeded)
            #expect(try await enqueue.status(limited).waitsFor == "k")
            try await queue.removeLimit("k")
            #expect(try await enqueue.wait(for: limited, timeout: .seconds(60)).state == .succeeded)
        }
    }

    @Test func aBadKeyIsTheHandlersError() async throws {
        try await withWorker {
            Handler(raw: "test.permits", retry: .never) { _, context in
                try await context.permit("")
                return []
            }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job("test.permits")).id
            let record = try await enqueue.wait(for: id, timeout: .seconds(60))
            #expect(record.state == .dead)
            #expect(record.error?.message.contains("'limits'") == true)
        }
    }
}

extension Punctuality {
    /// Whatever Redis grants seems to have been granted an hour ago.
    fileprivate func appearsLate() {
        let hour = Duration.seconds(3600), clock = Int(Date().timeIntervalSince1970 * 1000)
        // Remembered for an hour.
        heard(clock + 2 * 3_600_000, at: now + hour)
    }
}
