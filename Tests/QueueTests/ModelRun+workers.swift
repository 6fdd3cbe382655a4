import Servers
import PackhorseRedis

@testable import Queue

/// What workers call, each call against the scripts and the model.
extension ModelRun {
    mutating func reserve() async throws {
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
            try await compareSignals(of: claim.id)
            self.claims.append(Held(worker: worker, claim: claim))
        }
        if claims.isEmpty, room > 0 { asleep[worker] = now + min(5000, reply.quietFor.milliseconds) }
    }

    private static let keepsAll = Retention(
        age: .milliseconds(1_000_000_000), bytes: .max, deadAge: .milliseconds(1_000_000_000), deadBytes: .max)

    /// - Returns: nil when the lease has lapsed.
    private func reserve(_ room: Int, by worker: String, _ retention: Retention) async throws -> Reserved? {
        let resyncs = resyncs[worker] ?? 0
        try await queue.set(QueueConfig(retention: retention, maxCrashes: maxCrashes))
        // The scripts forget ended jobs up to 250 ms late, the model at once.
        if retention != Self.keepsAll { try await queue.command("HDEL", "meta", "tidyAt") }
        do {
            return try await queue.reserve(upTo: room, by: worker, resyncs: resyncs, now: now)
        } catch {
            guard case .lapsed = error else { throw error }
            return nil
        }
    }

    /// A reserve that was given up may still arrive. It must hand out nothing: its reply is lost.
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

    mutating func settle() async throws {
        let all = model.workers.keys.sorted()
        guard !all.isEmpty, !claims.isEmpty else { return }
        let worker = random.pick(all)
        let chosen = chooseClaims(of: worker)
        guard !chosen.isEmpty else { return }
        let outcomes = makeOutcomes(chosen)
        for _ in 0..<twice() {
            log("settle by \(worker): " + outcomes.map { "\($0)" }.joined(separator: "; "))
            let refused = try await queue.settle(
                zip(chosen, outcomes).map { Settled($0, try Self.outcome($1)) }, by: worker, now: now)
            let wanted = model.settle(outcomes, by: worker, now: now)
            for (outcome, answer) in zip(outcomes, wanted) {
                guard let answer else { continue }
                try expect("refusal of \(outcome.id)", refused.contains(outcome.id), answer)
            }
        }
    }

    private static func outcome(_ outcome: Model.Outcome) throws -> Outcome {
        switch outcome.verb {
        case .succeeded: .succeeded(result: Payload(Array("{\"n\":1}".utf8)), dropsSteps: outcome.delay == 0)
        case .failed: .failed(failure, delay: .milliseconds(outcome.delay))
        case .dead: .dead(failure)
        case .snoozed: .snoozed(delay: .milliseconds(outcome.delay))
        case .cancelled: .cancelled(failure)
        case .released: .released
        case .unclaimed: .unclaimed(delay: .milliseconds(outcome.delay))
        case .awaiting:
            .awaiting(
                try SignalWait(
                    outcome.signal, timeout: .milliseconds(outcome.delay), lookBack: .milliseconds(outcome.lookBack)))
        }
    }

    mutating func beat() async throws {
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

    mutating func join() async throws {
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

    mutating func leave() async throws {
        guard let worker = model.workers.keys.sorted().randomElement(using: &random) else { return }
        for _ in 0..<twice() {
            log("leave \(worker)")
            try expect("leave", try await queue.leave(worker, now: now), model.leave(worker, now: now))
        }
    }

    mutating func note() async throws {
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
