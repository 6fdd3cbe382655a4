import Servers

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
    static let ids = (0..<6).map { JobID.of("j\($0)") }
    /// Also those of the jobs that a schedule has made.
    var ids = ids
    /// How many signals were sent.
    var payloads = 0
    /// The last ticks that were offered.
    var offered: [OfferedTick] = []
    var jitter = 0
    /// What this run does often; else the rare ways would be taken too seldom.
    let isCrashy: Bool
    let isExpiring: Bool
    let isLimited: Bool
    let isShared: Bool
    let isSignalled: Bool
    let isSequenced: Bool
    let isDebounced: Bool
    let isCollected: Bool
    let isScheduled: Bool
    let maxCrashes: Int

    init(_ queue: Queue, seed: UInt64) {
        self.queue = queue
        random = SeededRandom(seed)
        isCrashy = random.below(3) == 0
        isExpiring = random.below(3) == 0
        isLimited = random.below(3) == 0
        isShared = random.below(3) == 0
        isSignalled = random.below(3) == 0
        isSequenced = random.below(3) == 0
        isDebounced = random.below(3) == 0
        isCollected = random.below(3) == 0
        isScheduled = random.below(3) == 0
        maxCrashes = random.pick([1, 2, 3, 3, 3])
    }

    mutating func run(steps count: Int) async throws {
        do {
            if isLimited { try await setLimits() }
            if isShared {
                try await queue.setTenant("b", to: TenantTerms(weight: 3))
                model.weights = ["b": 3]
            }
            if isScheduled { try await setSchedule() }
            model.now = now
            try await join()
            try await join()
            for _ in 0..<count {
                let before = now
                let usual = isCrashy ? [0, 0, 1, 300, 6000] : [0, 0, 0, 0, 1, 1, 20, 300, 1000, 2500, 6000]
                now += random.pick(isExpiring ? [0, 0, 0, 1, 300, 2500, 4000] : usual)
                model.now = now
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

    private mutating func setLimits() async throws {
        try await queue.setLimit("one", to: Limit(atOnce: 1), now: now)
        try await queue.setLimit("two", to: Limit(atOnce: 2), now: now)
        try await queue.setLimit("rate", to: Limit(rate: .spaced(.milliseconds(700))), now: now)
        model.limits = [
            "one": Model.KeyLimit(atOnce: 1), "two": Model.KeyLimit(atOnce: 2), "rate": Model.KeyLimit(every: 700),
        ]
    }

    /// - Returns: the script that was called.
    private mutating func step() async throws -> String {
        if isSignalled, random.below(8) == 0 {
            try await signal()
            return "signal"
        }
        if isScheduled, random.below(5) == 0 {
            try await tick()
            return "tick"
        }
        if isSequenced, random.below(20) == 0 {
            try await resumeSequence()
            return "sequence_resume"
        }
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
            guard reach(id, from: before, by: script).contains(after) else {
                throw Difference(
                    description:
                        "\(id): docs/states.md has no way \(StatesTests.Way(from: before, to: after, script: script))")
            }
            ways.insert(StatesTests.Way(from: before, to: after, script: script))
        }
    }

    /// The end of a schedule's job, whatever the script, may start the next one like a tick.
    private func reach(_ id: JobID, from state: JobState?, by script: String) -> Set<JobState?> {
        guard state == nil, model.jobs[id]?.options.isTick == true else {
            return StatesTests.reach(from: state, by: script)
        }
        return StatesTests.reach(from: nil, by: "tick").union(StatesTests.reach(from: .queued, by: script))
    }

    mutating func log(_ text: String) { steps.append("\(now) \(text)") }

    /// Every call may be repeated, as after a lost reply: a third of them is.
    mutating func twice() -> Int { random.below(3) == 0 ? 2 : 1 }

    func expect<T: Equatable>(_ what: String, _ real: T, _ wanted: T) throws {
        guard real == wanted else { throw Difference(description: "\(what): \(real), the model says \(wanted)") }
    }

    /// A worker that dies awake may have taken the ring with it; the others wake by themselves within five seconds.
    private mutating func wakeAfterDeaths(since before: Int) {
        let died = model.workers.contains { $0.value > before && $0.value <= now && (asleep[$0.key] ?? 0) <= before }
        if died { asleep = [:] }
    }
}
