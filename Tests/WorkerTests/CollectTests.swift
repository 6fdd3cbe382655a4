import Enqueue
import Queue
import Servers
import Synchronization
import TestSupport
import Testing

@testable import Worker

private struct Lookup: JobRequest {
    static let type = "test.lookup"
    typealias Output = String
    var name: String
}

/// Doubles what it is given, so that a test sees whether each job had its middleware.
private struct Shouting: JobMiddleware {
    func run(
        _ arguments: Payload, _ context: JobContext, next: (Payload) async throws -> Payload
    ) async throws -> Payload {
        if String(decoding: arguments.bytes, as: UTF8.self).contains("refused") { throw Discard("by the middleware") }
        let result = try await next(arguments)
        return Payload(Array(String(decoding: result.bytes, as: UTF8.self).uppercased().utf8))
    }
}

/// Handlers that answer many jobs at once. A call waits for jobs, never for time: `within` is a day where `upTo` jobs come.
@Suite(.redis, .timeLimit(.minutes(3))) struct CollectTests {
    private func lookups(
        _ names: [String], upTo: Int, within: Duration = .seconds(86_400), timeout: Duration? = nil
    ) throws -> [NewJob] {
        try names.map { name in
            try NewJob(
                Lookup.type, arguments: Array(#"{"name":"\#(name)"}"#.utf8), in: .default,
                options: JobOptions(timeout: timeout, collect: Collect("cards", upTo: upTo, within: within)))
        }
    }

    private func ends(_ jobs: [NewJob], _ enqueue: Enqueue) async throws -> [JobRecord] {
        var records: [JobRecord] = []
        for job in jobs { records.append(try await enqueue.wait(for: job.id, timeout: .seconds(100))) }
        return records
    }

    private func text(_ record: JobRecord) -> String { String(decoding: record.result?.bytes ?? [], as: UTF8.self) }

    @Test func oneCallAnswersManyJobsAndEachGetsItsPart() async throws {
        let calls = Mutex<[Int]>([])
        try await withWorker(WorkerOptions(concurrency: 1, grace: .seconds(5))) {
            Handler(collecting: Lookup.self) { requests, context in
                calls.withLock { $0.append(requests.count) }
                #expect(context.jobs.count == requests.count)
                return requests.map { .success("card " + $0.name) }
            }
        } body: { enqueue, _ in
            let jobs = try lookups((0..<75).map { "n\($0)" }, upTo: 75)
            _ = try await enqueue.add(all: jobs)
            let records = try await ends(jobs, enqueue)
            #expect(records.map { text($0) } == (0..<75).map { "\"card n\($0)\"" })
            #expect(calls.withLock { $0 } == [75])
        }
    }

    @Test func aFailureConcernsItsJobOnly() async throws {
        try await withWorker {
            Handler(collecting: Lookup.self, retry: .exponential(limit: 2)) { requests, context in
                zip(requests, context.jobs).map { request, job in
                    switch request.name {
                    case "none": .failure(Discard("there is no such card"))
                    case "flaky" where job.attempt == 1: .failure(Flaw())
                    default: .success(request.name)
                    }
                }
            }
        } body: { enqueue, _ in
            var jobs = try lookups(["a", "none"], upTo: 3)
            // Alone, it waits for nobody at its second attempt.
            jobs += try lookups(["flaky"], upTo: 3, within: .zero)
            let bad = try NewJob(
                Lookup.type, arguments: Array("[]".utf8), in: .default,
                options: JobOptions(collect: Collect("cards", upTo: 3, within: .zero)))
            _ = try await enqueue.add(all: jobs + [bad])
            let records = try await ends(jobs + [bad], enqueue)
            #expect(records.map(\.state) == [.succeeded, .dead, .succeeded, .dead])
            #expect(records[1].error?.type == "discarded")
            #expect(records[2].attempt == 2)
            #expect(records[3].error?.type == "undecodable")
        }
    }

    @Test func anErrorThatIsThrownConcernsAll() async throws {
        try await withWorker {
            Handler(collecting: Lookup.self, retry: .never) { _, _ in throw Flaw() }
        } body: { enqueue, _ in
            let jobs = try lookups(["a", "b"], upTo: 2)
            _ = try await enqueue.add(all: jobs)
            #expect(try await ends(jobs, enqueue).map(\.state) == [.dead, .dead])
        }
    }

    @Test func aWrongNumberOfResultsIsNamed() async throws {
        try await withWorker {
            Handler(collecting: Lookup.self) { _, _ in [.success("one")] }
        } body: { enqueue, _ in
            let jobs = try lookups(["a", "b"], upTo: 2)
            _ = try await enqueue.add(all: jobs)
            #expect(try await ends(jobs, enqueue).map(\.error?.type) == ["wrongCount", "wrongCount"])
        }
    }

    @Test func eachJobPassesItsMiddleware() async throws {
        let options = WorkerOptions(concurrency: 2, grace: .seconds(5), middleware: [Shouting()])
        try await withWorker(options) {
            Handler(collecting: Lookup.self) { requests, _ in requests.map { .success($0.name) } }
        } body: { enqueue, _ in
            let jobs = try lookups(["a", "refused", "c"], upTo: 3)
            _ = try await enqueue.add(all: jobs)
            let records = try await ends(jobs, enqueue)
            #expect(records.map(\.state) == [.succeeded, .dead, .succeeded])
            #expect(records.map { text($0) } == ["\"A\"", "", "\"C\""])
        }
    }

    @Test func aJobThatIsNotCollectedComesAlone() async throws {
        try await withWorker {
            Handler(collecting: Lookup.self) { requests, _ in requests.map { _ in .success("\(requests.count)") } }
        } body: { enqueue, _ in
            let id = try await enqueue.add(job(Lookup.type, #"{"name":"a"}"#)).id
            #expect(try await text(enqueue.wait(for: id, timeout: .seconds(100))) == "\"1\"")
        }
    }

    @Test func collectedJobsAlsoRunWithAPlainHandler() async throws {
        try await withWorker(WorkerOptions(concurrency: 1, grace: .seconds(5))) {
            Handler(Lookup.self) { request, _ in request.name }
        } body: { enqueue, _ in
            let jobs = try lookups(["a", "b", "c"], upTo: 3)
            _ = try await enqueue.add(all: jobs)
            #expect(try await ends(jobs, enqueue).map { text($0) } == ["\"a\"", "\"b\"", "\"c\""])
        }
    }

    @Test func cancellingOneJobDisturbsTheOthersNot() async throws {
        let begun = Signals()
        try await withWorker {
            Handler(collecting: Lookup.self) { requests, context in
                begun.fire()
                while !context.jobs.contains(where: \.isCancelled) {
                    try await Task.sleep(for: .milliseconds(1))  // until one of its jobs is cancelled
                }
                return zip(requests, context.jobs).map { request, job in
                    job.isCancelled ? .failure(CancellationError()) : .success(request.name)
                }
            }
        } body: { enqueue, _ in
            let jobs = try lookups(["a", "b"], upTo: 2)
            _ = try await enqueue.add(all: jobs)
            await begun.next()
            try await enqueue.cancel(jobs[1].id)
            #expect(try await ends(jobs, enqueue).map(\.state) == [.succeeded, .cancelled])
        }
    }

    @Test func theHandlerIsCancelledWithTheLastOfItsJobs() async throws {
        let begun = Signals()
        try await withWorker {
            Handler(collecting: Lookup.self) { requests, _ in
                begun.fire()
                try await Task.sleep(for: .seconds(86_400))  // until it is cancelled
                return requests.map { .success($0.name) }
            }
        } body: { enqueue, _ in
            let jobs = try lookups(["a", "b"], upTo: 2)
            _ = try await enqueue.add(all: jobs)
            await begun.next()
            for job in jobs { try await enqueue.cancel(job.id) }
            #expect(try await ends(jobs, enqueue).map(\.state) == [.cancelled, .cancelled])
        }
    }

    @Test func theShortestTimeoutHoldsForAll() async throws {
        try await withWorker {
            Handler(collecting: Lookup.self, retry: .never, timeout: .seconds(86_400)) { requests, _ in
                try await Task.sleep(for: .seconds(86_400))  // until its time is up
                return requests.map { .success($0.name) }
            }
        } body: { enqueue, _ in
            let jobs = try lookups(["a"], upTo: 2) + lookups(["b"], upTo: 2, timeout: .milliseconds(50))
            _ = try await enqueue.add(all: jobs)
            #expect(try await ends(jobs, enqueue).map(\.error?.type) == ["timeout", "timeout"])
        }
    }

    @Test func aStoppingWorkerGivesItsBatchBack() async throws {
        let begun = Signals()
        var jobs: [NewJob] = []
        try await withWorker(WorkerOptions(concurrency: 1, grace: .zero)) {
            Handler(collecting: Lookup.self) { requests, _ in
                begun.fire()
                try await Task.sleep(for: .seconds(86_400))  // until the worker stops
                return requests.map { .success($0.name) }
            }
        } body: { enqueue, _ in
            jobs = try lookups(["a", "b", "c"], upTo: 3)
            _ = try await enqueue.add(all: jobs)
            await begun.next()
        }
        try await withWorker {
            Handler(collecting: Lookup.self) { requests, _ in requests.map { _ in .success("\(requests.count)") } }
        } body: { enqueue, _ in
            let records = try await ends(jobs, enqueue)
            #expect(records.map { text($0) } == ["\"3\"", "\"3\"", "\"3\""])
            #expect(records.map(\.attempt) == [2, 2, 2])
            #expect(records.map(\.failures) == [0, 0, 0])
        }
    }

    @Test func aHandlerTakesPermitsForAll() async throws {
        let taken = Mutex(0)
        try await withWorker {
            Handler(collecting: Lookup.self) { requests, context in
                try await context.permit("scryfall")
                taken.withLock { $0 += 1 }
                return requests.map { .success($0.name) }
            }
        } body: { enqueue, _ in
            // One permit a day: a second one would never come.
            try await enqueue.queue(.default).setLimit("scryfall", to: Limit(rate: .spaced(.seconds(86_400))))
            let jobs = try lookups((0..<10).map { "n\($0)" }, upTo: 10)
            _ = try await enqueue.add(all: jobs)
            #expect(try await ends(jobs, enqueue).allSatisfy { $0.state == .succeeded })
            #expect(taken.withLock { $0 } == 1)
        }
    }
}
