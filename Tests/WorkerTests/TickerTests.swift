import Cron
import Dispatch
import Enqueue
import PackhorseRedis
@testable import Queue
import Servers
import TestSupport
import Testing

@testable import Worker

@Suite(.redis) struct TickerTests {
    private func everySecond(_ type: String) -> ScheduleSpec {
        ScheduleSpec(name: "s", timing: .every(interval: 1000, anchor: 0), job: JobSpec(type: type))
    }

    @Test func aWorkerMakesTheJobsOfItsSchedulesAndRunsThem() async throws {
        let ran = Signals()
        let options = WorkerOptions(schedules: [everySecond("test.tick")], schedulesSource: "test")
        try await withWorker(options) {
            Handler(raw: "test.tick") { _, context in
                #expect(context.id.text.hasPrefix("default.cron:s:"))
                ran.fire()
                return .null
            }
        } body: { enqueue, _ in
            await ran.next()
            await ran.next()
            let schedule = try #require(try await enqueue.queue(.default).schedule("s"))
            #expect(schedule.source == "test")
            #expect(schedule.made >= 2)
            #expect(schedule.last?.id.text.hasPrefix("default.cron:s:") == true)
        }
    }

    @Test func ticksDoNotNeedAFreeSlot() async throws {
        let gate = DispatchSemaphore(value: 0)
        let began = Signals()
        let options = WorkerOptions(concurrency: 1, schedules: [everySecond("test.tick")], schedulesSource: "test")
        try await withWorker(options) {
            Handler(raw: "test.long") { _, _ in
                began.fire()
                hold(gate)
                return .null
            }
            Handler(raw: "test.tick") { _, _ in .null }
        } body: { enqueue, _ in
            _ = try await enqueue.add(try job("test.long", options: JobOptions(priority: .critical)))
            await began.next()
            let queue = enqueue.queue(.default)
            let before = try await queue.schedule("s")?.made ?? 0
            while try await queue.schedule("s")?.made ?? 0 < before + 2 { await Task.yield() }
            gate.signal()
        }
    }

    @Test func aWorkerWithoutTheScheduleRemovesItAtItsStart() async throws {
        let queue = Queue(.default, on: RedisConnection(try RedisServer.current.url, name: "test"))
        try await queue.connection.connect()
        _ = try await Queue.syncSchedules([everySecond("test.tick")], from: "test", on: queue.connection)
        #expect(try await queue.schedules().count == 1)
        try await withWorker(WorkerOptions(schedulesSource: "test")) {
            Nothing.self
        } body: { enqueue, _ in
            while try await !enqueue.queue(.default).schedules().isEmpty { await Task.yield() }
        }
        await queue.connection.close()
    }

    @Test func aScheduleThatIsRefusedStopsTheWorkerWithItsName() async throws {
        var wrong = everySecond("test.tick")
        wrong.name = "no spaces"
        let worker = Worker(
            redis: try RedisServer.current.url,
            options: WorkerOptions(schedules: [wrong], schedulesSource: "test"), logger: quiet
        ) { Nothing.self }
        await #expect(throws: QueueError.self) { try await worker.run() }
    }
}
