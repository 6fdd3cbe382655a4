import Foundation
import Servers

@testable import Queue

/// What a run draws for its calls: options of jobs, and outcomes.
extension ModelRun {
    mutating func makeOptions() -> (JobOptions, Model.Options) {
        var real = JobOptions()
        var wanted = Model.Options()
        if isLimited, random.below(3) > 0 {
            wanted.limits = random.pick([
                ["one"], ["two"], ["rate"], ["open"], ["two", "rate"], ["rate", "one", "two"],
            ])
            real.limits = wanted.limits.map { LimitUse($0) }
        }
        if isShared, random.below(4) > 0 {
            wanted.tenant = random.pick(["a", "b", "é\"c"])
            real.tenant = wanted.tenant
        }
        if isSequenced, random.below(3) > 0 {
            let halts = random.below(3) > 0
            let key = random.pick(Self.sequences)
            wanted.sequence = Model.Sequence(key: key, halts: halts)
            real.sequence = JobSequence(key, afterDead: halts ? .halt : .goOn)
        }
        if isCollected, real.limits.isEmpty, real.tenant == nil, real.sequence == nil, random.below(3) > 0 {
            let collect = random.pick([
                Model.Collecting(key: "x", upTo: 2, within: 2000), Model.Collecting(key: "y", upTo: 3, within: 700),
                Model.Collecting(key: "z", upTo: 3, within: 0),
            ])
            wanted.collect = collect
            real.collect = Collect(collect.key, upTo: collect.upTo, within: .milliseconds(collect.within))
        }
        guard isExpiring || random.below(2) == 0 else { return (real, wanted) }
        real.priority = random.pick(Priority.allCases)
        wanted.priority = real.priority
        func point(_ ms: Int, _ absolute: Bool) -> JobOptions.Start {
            absolute ? .at(Date(milliseconds: now + ms)) : .after(.milliseconds(ms))
        }
        if isDebounced, real.collect == nil, random.below(2) == 0 {
            let key = random.pick(["d", "d e"])
            let delay = random.pick([1, 500, 3000, 8000])
            let most = delay * random.pick([1, 2, 5])
            real.debounce = Debounce(key, delay: .milliseconds(delay), maxWait: .milliseconds(most))
            wanted.debounce = Model.Debouncing(key: key, delay: delay, maxWait: most)
            wanted.due = now + delay
        } else if random.below(3) == 0 {
            let ms = random.pick([0, 1, 500, 2000, 8000])
            real.start = point(ms, random.below(2) == 0)
            wanted.due = now + ms
        }
        if isExpiring ? random.below(4) != 0 : random.below(5) == 0 {
            let ms = random.pick(isExpiring ? [10, 2500, 7000, 7000] : [0, 10, 1000, 4000, 10_000])
            real.expiry = point(ms, random.below(2) == 0)
            wanted.expiry = now + ms
        }
        if real.debounce == nil, isExpiring || random.below(3) == 0 {
            let states: Set<JobState> = random.pick([
                [.scheduled, .queued, .running, .retrying], [.scheduled, .queued], [.running],
                [.scheduled, .queued, .running, .retrying, .succeeded, .dead], [.cancelled, .expired, .retrying],
            ])
            real.key = IdempotencyKey(random.pick(["a", "b c"]), while: states)
            wanted.key = Model.Key(name: real.key?.name ?? "", states: states)
        }
        return (real, wanted)
    }

    /// Claims that a worker settles, each job once.
    mutating func chooseClaims(of worker: String) -> [Claim] {
        var chosen: [Claim] = []
        for held in claims.suffix(12) where !chosen.contains(where: { $0.id == held.claim.id }) {
            // Seldom what somebody else has, or what is settled already.
            let isOwn = held.worker == worker && model.claims(of: worker).contains(held.claim.id)
            if random.below(isOwn ? (isExpiring ? 1 : 2) : 12) == 0 { chosen.append(held.claim) }
        }
        return chosen
    }

    mutating func makeOutcomes(_ claims: [Claim]) -> [Model.Outcome] {
        claims.map { claim in
            if let wait = makeWait(claim) { return wait }
            return Model.Outcome(
                id: claim.id, attempt: claim.attempt, started: claim.startedAt,
                verb: random.pick(
                    isExpiring
                        ? [.failed, .snoozed, .unclaimed]
                        : Model.Verb.allCases.filter { $0 != .awaiting } + [.dead, .dead]),
                delay: random.pick(isExpiring ? [700, 20_000] : [0, 1, 700, 3000, 20_000]))
        }
    }
}
