import Dispatch
import Glibc
import Synchronization
import Testing

@testable import Floor

@Suite(.timeLimit(.minutes(1))) struct BlockingThreadsTests {
    /// Waits for semaphores on behalf of tests.
    private let watch = BlockingThreads(name: "floor-watch", limit: 1)

    @Test func workReturnsOrThrows() async throws {
        struct Broken: Error {}
        let threads = BlockingThreads(name: "floor-test", limit: 1)
        #expect(try await threads.run { 6 * 7 } == 42)
        await #expect(throws: Broken.self) { try await threads.run { throw Broken() } }
    }

    @Test func noMoreThreadsThanTheLimitWork() async throws {
        let pool = ThreadPool(name: "floor-test", limit: 2)
        let seen = Mutex<(running: Int, most: Int, threads: Set<UInt>)>((0, 0, []))
        let begun = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
        for _ in 0..<40 {
            pool.add(
                ThreadPool.Piece(
                    id: pool.newID(),
                    run: {
                        seen.withLock {
                            $0.running += 1
                            $0.most = max($0.most, $0.running)
                            $0.threads.insert(UInt(pthread_self()))
                        }
                        begun.signal()
                        gate.wait()
                        seen.withLock { $0.running -= 1 }
                        ended.signal()
                    }, cancel: {}))
        }
        try await watch.run {
            for _ in 0..<2 { begun.wait() }
            for _ in 0..<40 { gate.signal() }
            for _ in 0..<40 { ended.wait() }
        }
        pool.close()
        #expect(seen.withLock { $0.most } == 2)
        #expect(seen.withLock { $0.threads.count } == 2)
    }

    @Test func workBeginsInTheOrderInWhichItCame() async throws {
        let pool = ThreadPool(name: "floor-test", limit: 1)
        let order = Mutex<[Int]>([])
        let gate = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
        pool.add(ThreadPool.Piece(id: pool.newID(), run: { gate.wait() }, cancel: {}))
        for number in 1...50 {
            pool.add(
                ThreadPool.Piece(
                    id: pool.newID(),
                    run: {
                        order.withLock { $0.append(number) }
                        ended.signal()
                    }, cancel: {}))
        }
        gate.signal()
        try await watch.run { for _ in 1...50 { ended.wait() } }
        pool.close()
        #expect(order.withLock { $0 } == Array(1...50))
    }

    @Test func whatWaitsIsCancelledOnceAndNeverRuns() async throws {
        let pool = ThreadPool(name: "floor-test", limit: 1)
        let seen = Mutex<[String]>([])
        let gate = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
        let first = pool.newID()
        let second = pool.newID()
        pool.add(ThreadPool.Piece(id: first, run: { gate.wait() }, cancel: {}))
        pool.add(
            ThreadPool.Piece(
                id: second, run: { seen.withLock { $0.append("ran") } },
                cancel: { seen.withLock { $0.append("cancelled") } }))
        pool.add(ThreadPool.Piece(id: pool.newID(), run: { ended.signal() }, cancel: {}))
        pool.cancel(second)
        pool.cancel(second)
        #expect(seen.withLock { $0 } == ["cancelled"])
        gate.signal()
        try await watch.run { ended.wait() }
        pool.close()
        #expect(seen.withLock { $0 } == ["cancelled"])
    }

    @Test func aTaskThatWaitsForAThreadCanBeCancelled() async throws {
        let threads = BlockingThreads(name: "floor-test", limit: 1)
        let begun = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        let first = Task {
            try await threads.run {
                begun.signal()
                gate.wait()
                return "first"
            }
        }
        try await watch.run { begun.wait() }
        let second = Task { try await threads.run { "second" } }
        second.cancel()
        // The first one still holds the only thread.
        let result = await second.result
        #expect(throws: CancellationError.self) { try result.get() }
        // What has begun goes on to its end.
        first.cancel()
        gate.signal()
        #expect(try await first.value == "first")
        #expect(try await threads.run { "third" } == "third")
    }
}
