import Foundation
import Servers
import PackhorseRedis

@testable import Queue

/// One random sequence of calls against the scripts and the model, compared after each step.
struct ModelRun {
    struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    struct Held {
        var worker: String
        var claim: Claim
    }

    let queue: Queue
    var model = Model()
    var random: SeededRandom
    var now = start
    var steps: [String] = []
    /// Every claim that was ever handed out.
    var claims: [Held] = []
    /// Until when a worker sleeps on the bell; the others are awake.
    var asleep: [String: Int] = [:]
    /// The last step was a beat, and a worker has died: somebody must rescue its jobs.
    var seesDead = false
    var joined = 0
    /// How often a worker has resynced.
    var resyncs: [String: Int] = [:]

    /// The ways that jobs took: from which state to which in one step, and the script that was called.
    var ways: Set<StatesTests.Way> = []
    private var states: [JobID: JobState] = [:]

    static let lease = 5000
    static let slots = 3
    let ids = (0..<6).map { JobID.of("j\($0)") }
    /// What this run has much of; else the rare ways would be taken too seldom.
    let isCrashy: Bool
    let isExpiring: Bool
    let maxCrashes: Int

    init(_ queue: Queue, seed: UInt64) {
        self.queue = queue
        random = SeededRandom(seed)
        isCrashy = random.below(3) == 0
        isExpiring = random.below(3) == 0
        maxCrashes = random.pick([1, 2, 3, 3, 3])
    }

    mutating func run(steps count: Int) async throws {
        do {
            try await join()
            try await join()
            for _ in 0..<count {
                let before = now
                let usual = isCrashy ? [0, 0, 1, 300, 6000] : [0, 0, 0, 0, 1, 1, 20, 300, 1000, 2500, 6000]
                now += random.pick(isExpiring ? [0, 0, 0, 1, 300, 2500, 4000] : usual)
                wakeAfterDeaths(since: before)
                let script = try await step()
                try await compare()
                try follow(script)
            }
            let findings = try await queue.verify()
            guard findings.isEmpty else { throw Difference(description: "verify: \(findings)") }
        } catch {
            let log = steps.suffix(40).joined(separator: "\n  ")
            throw Difference(description: "\(error)\nafter these steps:\n  \(log)")
        }
    }

    // MARK: - Steps

    /// - Returns: the script that was called.
    private mutating func step() async throws -> String {
        switch random.below(100) {
        case 0..<22:
            try await enqueue()
            return "enqueue"
        case 22..<44:
            try await reserve()
            return "reserve"
        case 44..<66:
            try await settle()
            return "settle"
        case 66..<72:
            try await beat()
            return "beat"
        case 72..<75:
            try await join()
            return "beat"
        case 75..<78:
            try await leave()
            return "leave"
        case 78..<87:
            try await cancel()
            return "cancel"
        case 87..<93:
            try await retry()
            return "retry"
        case 93..<96:
            try await purge()
            return "purge"
        case 96..<97:
            try await pause()
            return "pause"
        default:
            try await note()
            return "note"
        }
    }

    /// Compares the ways that jobs took in this step with those in docs/states.md.
    private mutating func follow(_ script: String) throws {
        for id in ids {
            let before = states[id], after = model.jobs[id]?.state
            guard before != after else { continue }
            states[id] = after
            guard StatesTests.reach(from: before, by: script).contains(after) else {
                throw Difference(
                    description:
                        "\(id): docs/states.md has no way \(StatesTests.Way(from: before, to: after, script: script))")
            }
            ways.insert(StatesTests.Way(from: before, to: after, script: script))
        }
    }

    private mutating func log(_ text: String) { steps.append("\(now) \(text)") }

    /// Every call may be repeated, as after a lost reply: a third of them is.
    private mutating func twice() -> Int { random.below(3) == 0 ? 2 : 1 }

    func expect<T: Equatable>(_ what: String, _ real: T, _ wanted: T) throws {
        guard real == wanted else { throw Difference(description: "\(what): \(real), the model says \(wanted)") }
    }

    private mutating func enqueue() async throws {
        var jobs: [NewJob] = []
        var options: [Model.Options] = []
        for _ in 0..<(1 + random.below(3)) {
            let (real, wanted) = makeOptions()
            let size = random.below(40)
            jobs.append(
                try NewJob(
                    "test.noop", arguments: Array(repeating: UInt8(ascii: "1"), count: size + 1), in: queue.name,
                    id: random.pick(ids), options: real))
            options.append(wanted)
        }
        for _ in 0..<twice() {
            log("enqueue " + zip(jobs, options).map { "\($0.id) \($1)" }.joined(separator: "; "))
            let wanted = zip(jobs, options).map { model.enqueue($0.id, $1, now: now) }
            try expect("enqueue", try await queue.enqueue(jobs, now: now), wanted)
        }
    }

    private mutating func makeOptions() -> (JobOptions, Model.Options) {
        var real = JobOptions()
        var wanted = Model.Options()
        guard isExpiring || random.below(2) == 0 else { return (real, wanted) }
        real.priority = random.pick(Priority.allCases)
        wanted.priority = real.priority
        func point(_ ms: Int, _ absolute: Bool) -> JobOptions.Start {
            absolute ? .at(Date(milliseconds: now + ms)) : .after(.milliseconds(ms))
        }
        if random.below(3) == 0 {
            let ms = random.pick([0, 1, 500, 2000, 8000])
            real.start = point(ms, random.below(2) == 0)
            wanted.due = now + ms
        }
        if isExpiring ? random.below(4) != 0 : random.below(5) == 0 {
            let ms = random.pick(isExpiring ? [10, 2500, 7000, 7000] : [0, 10, 1000, 4000, 10_000])
            real.expiry = point(ms, random.below(2) == 0)
            wanted.expiry = now + ms
        }
        if isExpiring || random.below(3) == 0 {
            let states: Set<JobState> = random.pick([
                [.scheduled, .queued, .running, .retrying], [.scheduled, .queued], [.running],
                [.scheduled, .queued, .running, .retrying, .succeeded, .dead], [.cancelled, .expired, .retrying],
            ])
            real.key = IdempotencyKey(random.pick(["a", "b c"]), while: states)
            wanted.key = Model.Key(name: real.key?.name ?? "", states: states)
        }
        return (real, wanted)
    }

    private mutating func reserve() async throws {
        if !model.workers.values.contains(where: { $0 > now }) { try await join() }
        guard let worker = try await someoneAwake() else { return }
        let room = min(random.pick([0, 1, 1, 2, 3, 8]), free(worker))
        let keep = random.pick([1_000_000_000, 1_000_000_000, 4000, 0])
        let all = random.below(12) == 0
        let retention = Retention(
            age: .milliseconds(keep), bytes: all ? 0 : .max, deadAge: .milliseconds(keep), deadBytes: all ? 0 : .max)
        let lost = random.below(6) == 0
        log("reserve \(room) by \(worker), keep \(keep)\(all ? ", 0 bytes" : "")\(lost ? ", reply lost" : "")")
        guard let reply = try await reserve(room, by: worker, retention) else {
            let wanted = model.reserve(
                room, by: worker, maxCrashes: maxCrashes, keep: keep, keepDead: keep, forgetAll: all, like: [], now: now
            )
            if wanted != nil { throw Difference(description: "reserve says that \(worker) has lapsed") }
            return
        }
        var claims = reply.claims
        let order = claims.map(\.id)
        let wanted = model.reserve(
            room, by: worker, maxCrashes: maxCrashes, keep: keep, keepDead: keep, forgetAll: all, like: order, now: now)
        try expect("reserve", order, wanted ?? [JobID.of("lapsed")])
        if lost {
            resyncs[worker, default: 0] += 1
            let known = self.claims.filter { $0.worker == worker }.map(\.claim)
            claims = try await queue.resync(by: worker, number: resyncs[worker] ?? 0, besides: known, now: now)
            try expect("resync", Set(claims.map(\.id)), Set(order))
            if random.below(2) == 0 { try await arriveLate(from: worker) }
        }
        for claim in claims {
            let job = model.jobs[claim.id]
            try expect("attempt of \(claim.id)", claim.attempt, (job?.attempts ?? 0) + 1)
            try expect("failures of \(claim.id)", claim.failures, job?.failures ?? 0)
            try expect("crashes of \(claim.id)", claim.crashes, job?.crashes ?? 0)
            self.claims.append(Held(worker: worker, claim: claim))
        }
        if claims.isEmpty, room > 0 { asleep[worker] = now + min(5000, reply.quietFor.milliseconds) }
    }

    /// - Returns: nil when the lease has lapsed.
    private func reserve(_ room: Int, by worker: String, _ retention: Retention) async throws -> Reserved? {
        let resyncs = resyncs[worker] ?? 0
        try await queue.set(QueueConfig(retention: retention, maxCrashes: maxCrashes))
        do {
            return try await queue.reserve(upTo: room, by: worker, resyncs: resyncs, now: now)
        } catch {
            guard case .lapsed = error else { throw error }
            return nil
        }
    }

    /// What has been given up may still arrive, and must hand out nothing: nobody would hear of it.
    private func arriveLate(from worker: String) async throws {
        let resyncs = (resyncs[worker] ?? 0) - 1
        do {
            _ = try await queue.reserve(upTo: 5, by: worker, resyncs: resyncs, now: now)
        } catch {
            guard case .refused(_, let message) = error, message.hasPrefix("STALE") else { throw error }
            return
        }
        throw Difference(description: "a reserve from before a resync of \(worker) was served")
    }

    /// A worker with all its slots in use reserves nothing, and is not woken for anything.
    func free(_ worker: String) -> Int { max(0, Self.slots - model.claims(of: worker).count) }

    /// A worker that is awake, or one that the bell or the time wakes.
    private mutating func someoneAwake() async throws -> String? {
        let all = model.workers.keys.sorted()
        let awake = all.filter { (asleep[$0] ?? 0) <= now && free($0) > 0 }
        if let worker = awake.isEmpty ? nil : random.pick(awake) { return worker }
        // One whose lease has lapsed would find that out and join again, awake.
        let alive = all.filter { model.isAlive($0, now: now) && free($0) > 0 }
        guard !alive.isEmpty, try await queue.command("ZPOPMIN", "bell").array?.isEmpty == false else { return nil }
        let worker = random.pick(alive)
        asleep[worker] = nil
        return worker
    }

    /// A worker that dies awake takes the bell's stroke with it; the others wake by themselves within five seconds.
    private mutating func wakeAfterDeaths(since before: Int) {
        let died = model.workers.contains { $0.value > before && $0.value <= now && (asleep[$0.key] ?? 0) <= before }
        if died { asleep = [:] }
    }

    private mutating func settle() async throws {
        let all = model.workers.keys.sorted()
        guard !all.isEmpty, !claims.isEmpty else { return }
        let worker = random.pick(all)
        var chosen: [Claim] = []
        for held in claims.suffix(12) where !chosen.contains(where: { $0.id == held.claim.id }) {
            // Seldom what somebody else has, or what is settled already.
            let isOwn = held.worker == worker && model.claims(of: worker).contains(held.claim.id)
            if random.below(isOwn ? (isExpiring ? 1 : 2) : 12) == 0 { chosen.append(held.claim) }
        }
        guard !chosen.isEmpty else { return }
        let outcomes = chosen.map { claim in
            Model.Outcome(
                id: claim.id, attempt: claim.attempt, started: claim.startedAt,
                verb: random.pick(
                    isExpiring ? [.failed, .snoozed, .unclaimed] : Model.Verb.allCases + [.dead, .dead]),
                delay: random.pick(isExpiring ? [700, 20_000] : [0, 1, 700, 3000, 20_000]))
        }
        for _ in 0..<twice() {
            log("settle by \(worker): " + outcomes.map { "\($0)" }.joined(separator: "; "))
            let refused = try await queue.settle(
                zip(chosen, outcomes).map { Settled($0, Self.outcome($1)) }, by: worker, now: now)
            let wanted = model.settle(outcomes, by: worker, now: now)
            for (outcome, answer) in zip(outcomes, wanted) {
                guard let answer else { continue }
                try expect("refusal of \(outcome.id)", refused.contains(outcome.id), answer)
            }
        }
    }

    private static func outcome(_ outcome: Model.Outcome) -> Outcome {
        switch outcome.verb {
        case .succeeded: .succeeded(result: Payload(Array("{\"n\":1}".utf8)), dropsSteps: outcome.delay == 0)
        case .failed: .failed(failure, delay: .milliseconds(outcome.delay))
        case .dead: .dead(failure)
        case .snoozed: .snoozed(delay: .milliseconds(outcome.delay))
        case .cancelled: .cancelled(failure)
        case .released: .released
        case .unclaimed: .unclaimed(delay: .milliseconds(outcome.delay))
        }
    }

    private mutating func beat() async throws {
        let alive = model.workers.count { $0.value > now }
        seesDead = alive > 0 && alive < model.workers.count
        for worker in model.workers.keys.sorted() {
            log("beat \(worker)")
            let wanted = model.beat(worker, until: now + Self.lease, now: now)
            do {
                let beat = try await queue.beat(
                    worker, lease: .milliseconds(Self.lease), about: "{}", now: now)
                try expect("told to cancel", Set(beat.cancelled), wanted ?? [.of("lapsed")])
            } catch QueueError.lapsed {
                if wanted != nil { throw Difference(description: "beat says that \(worker) has lapsed") }
            }
        }
    }

    private mutating func join() async throws {
        guard model.workers.count < 4 else { return }
        joined += 1
        let worker = "w\(joined)"
        let moves = random.below(3) == 0
        for _ in 0..<twice() {
            log("join \(worker)\(moves ? ", then another server takes over" : "")")
            let server = moves ? "another" : nil
            try await queue.join(worker, lease: .milliseconds(Self.lease), server: server, now: now)
            model.join(worker, until: now + Self.lease, moves: moves)
        }
    }

    private mutating func leave() async throws {
        guard let worker = model.workers.keys.sorted().randomElement(using: &random) else { return }
        for _ in 0..<twice() {
            log("leave \(worker)")
            try expect("leave", try await queue.leave(worker, now: now), model.leave(worker, now: now))
        }
    }

    private mutating func cancel() async throws {
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

    private mutating func retry() async throws {
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

    private mutating func purge() async throws {
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

    private mutating func pause() async throws {
        let pauses = random.below(3) == 0
        log(pauses ? "pause" : "resume")
        try expect("pause", try await pauses ? queue.pause() : queue.resume(), model.isPaused != pauses)
        model.isPaused = pauses
    }

    private mutating func note() async throws {
        guard let held = claims.suffix(6).randomElement(using: &random) else { return }
        log("note \(held.claim.id) \(held.claim.token) by \(held.worker)")
        let refused = try await queue.saveProgress(
            [
                (held.claim, .progress(Array("{}".utf8))),
                (held.claim, .step(name: "s", result: Payload(Array("1".utf8)))),
            ],
            by: held.worker, now: now)
        let place = Model.Place.running(
            worker: held.worker, attempt: held.claim.attempt, started: held.claim.startedAt)
        let isHeld = model.isAlive(held.worker, now: now) && model.jobs[held.claim.id]?.place == place
        try expect("refused notes", refused.count, isHeld ? 0 : 2)
    }
}
