import Servers

@testable import Queue

/// What producers and operators call, each call against the scripts and the model.
extension ModelRun {
    mutating func enqueue() async throws {
        var jobs: [NewJob] = []
        var options: [Model.Options] = []
        for _ in 0..<(1 + random.below(3)) {
            let (real, wanted) = makeOptions()
            let size = random.below(40)
            jobs.append(
                try NewJob(
                    "test.noop", arguments: Array(repeating: UInt8(ascii: "1"), count: size + 1), in: queue.name,
                    id: random.pick(Self.ids), options: real))
            options.append(wanted)
        }
        for _ in 0..<twice() {
            log("enqueue " + zip(jobs, options).map { "\($0.id) \($1)" }.joined(separator: "; "))
            let wanted = zip(jobs, options).map { model.enqueue($0.id, $1, now: now) }
            try expect("enqueue", try await queue.enqueue(jobs, now: now), wanted)
        }
    }

    mutating func cancel() async throws {
        let id = random.pick(ids)
        // Two that end with their worker would do so in an open order, and prune would go by it.
        if case .running(let worker, _, _) = model.jobs[id]?.place,
            model.claims(of: worker).contains(where: { $0 != id && model.jobs[$0]?.cancelRequested == true })
        {
            return
        }
        for _ in 0..<twice() {
            log("cancel \(id)")
            try expect("cancel", try await queue.cancel(id, now: now), model.cancel(id, now: now))
        }
    }

    mutating func retry() async throws {
        if random.below(6) == 0 {
            log("retry all dead")
            return try expect("retry", try await queue.retryDead(now: now), model.retryDead(now: now))
        }
        let id = random.pick(ids)
        for _ in 0..<twice() {
            log("retry \(id)")
            let wanted = model.retry(id, now: now)
            do {
                try await queue.retry(id, now: now)
                try expect("retry", nil, wanted)
            } catch QueueError.wrongState(_, let state, _) {
                try expect("retry", state, wanted)
            }
        }
    }

    mutating func purge() async throws {
        if random.below(2) == 0 {
            log("purge all dead")
            return try expect("purge", try await queue.purgeDead(), model.purgeDead())
        }
        let id = random.pick(ids)
        for _ in 0..<twice() {
            log("purge \(id)")
            try expect("purge", try await queue.purge(id), model.purge(id))
        }
    }

    mutating func pause() async throws {
        let pauses = random.below(3) == 0
        log(pauses ? "pause" : "resume")
        try expect("pause", try await pauses ? queue.pause() : queue.resume(), model.isPaused != pauses)
        model.isPaused = pauses
    }
}
