import Queue

/// Compares Redis' records with the ledger and the harness's own data. Pure: it makes no calls.
struct Audit {
    enum Finding: Sendable, Equatable, CustomStringConvertible {
        /// An acknowledged job has not ended, or not with its handler's outcome.
        case lost(id: String, state: JobState)
        /// More ends were counted, or more attempts handed out, than there are jobs and attempts.
        case twice(String)
        /// An outcome was stored that its writer had no right to write.
        case stale(id: String, String)
        /// A job began before the one before it in its sequence had ended.
        case early(id: String, String)

        var description: String {
            switch self {
            case .lost(let id, let state): "lost: job \(id) is \(state.rawValue)"
            case .twice(let what): "twice: \(what)"
            case .stale(let id, let what): "stale: job \(id): \(what)"
            case .early(let id, let what): "early: job \(id): \(what)"
            }
        }
    }

    private(set) var findings: [Finding] = []
    /// Runs that are explained neither by a failure nor by a first start.
    private(set) var reruns = 0
    /// Jobs whose handler ended more than once.
    private(set) var endedTwice = 0
    /// From a fault to the next start of each job that it interrupted.
    let recoveries: [Recovery]

    let evidence: Evidence
    private let runs: [String: [Run]]

    /// - Parameter others: what else was found.
    init(_ evidence: Evidence, and others: [Finding] = []) {
        self.evidence = evidence
        findings = others
        runs = Run.byJob(evidence.ledger)
        recoveries = Recovery.measured(runs, under: evidence.faults, evidence.acknowledged)
        for (id, promise) in evidence.acknowledged.sorted(by: { $0.key < $1.key }) { examine(id, promise.kind) }
        compareTotals()
        examineSequences()
    }

    private mutating func examine(_ id: String, _ kind: Kind) {
        let runs = runs[id] ?? []
        for run in runs where runs.contains(where: { $0.attempt == run.attempt && $0.startedAt > run.startedAt }) {
            findings.append(.twice("attempt \(run.attempt) of job \(id) was handed out twice"))
        }
        reruns += max(0, runs.count - 1 - runs.count { $0.failed && $0.attempt < runs.map(\.attempt).max() ?? 0 })
        if runs.count(where: { $0.ended }) > 1 { endedTwice += 1 }

        guard let ending = evidence.endings[id], ending.state == (kind == .doomed ? .dead : .succeeded) else {
            findings.append(.lost(id: id, state: evidence.endings[id]?.state ?? .unknown))
            return
        }
        let mine = runs.first { $0.attempt == ending.attempt && $0.pid == ending.pid }
        let who = "attempt \(ending.attempt) by process \(ending.pid)"
        guard let mine, kind == .doomed ? mine.failed : mine.ended else {
            findings.append(.stale(id: id, "its record says \(who), which did not come to that end"))
            return
        }
        if kind != .doomed, ending.result?.by != "\(ending.pid):\(ending.attempt)" {
            findings.append(.stale(id: id, "the result is of \(ending.result?.by ?? "nobody"), the record of \(who)"))
        }
        if let later = runs.first(where: { $0.attempt > ending.attempt }) {
            findings.append(
                .stale(id: id, "its record says \(who), but attempt \(later.attempt) was under way by then"))
        }
        for lapse in evidence.faults.lapses
        where lapse.pid == ending.pid && ending.startedAt < lapse.from && ending.finishedAt > lapse.lapsed {
            let late = ending.finishedAt - lapse.lapsed
            findings.append(.stale(id: id, "\(who) was accepted \(late) ms after that worker's lease had lapsed"))
        }
        examineSteps(id, ending, runs)
    }

    /// If a later attempt did a step again, the step was not stored when that attempt began; so an earlier attempt's
    /// result of it must not be there.
    private mutating func examineSteps(_ id: String, _ ending: Evidence.Ending, _ runs: [Run]) {
        for (i, mark) in (ending.result?.steps ?? []).enumerated() {
            let attempt = mark.split(separator: ":").last.flatMap { Int($0) } ?? 0
            if !runs.contains(where: { "\($0.pid):\($0.attempt)" == mark && $0.steps.contains(i + 1) }) {
                findings.append(.stale(id: id, "step \(i + 1) has a result of \(mark), which did not run it"))
            }
            if let later = runs.first(where: { $0.attempt > attempt && $0.steps.contains(i + 1) }) {
                findings.append(
                    .stale(
                        id: id, "step \(i + 1) was kept by \(mark) though attempt \(later.attempt) had begun it again"))
            }
        }
    }

    /// Of two jobs of a sequence, one began after the other had ended.
    private mutating func examineSequences() {
        var sequences: [String: [(id: String, began: Int, ended: Int)]] = [:]
        for (id, promise) in evidence.acknowledged {
            guard case .sequence(let key) = promise.feature, let ending = evidence.endings[id],
                let began = runs[id]?.map(\.startedAt).min()
            else { continue }
            sequences[key, default: []].append((id, began + evidence.clockOffset, ending.finishedAt * 1_000_000))
        }
        for jobs in sequences.values {
            let jobs = jobs.sorted { $0.began < $1.began }
            for (job, next) in zip(jobs, jobs.dropFirst()) where next.began < job.ended {
                findings.append(
                    .early(
                        id: next.id, "it began \((job.ended - next.began) / 1_000_000) ms before \(job.id) had ended"))
            }
        }
    }

    private mutating func compareTotals() {
        let states = evidence.acknowledged.keys.compactMap { evidence.endings[$0]?.state }
        let counted = [
            (JobState.succeeded, evidence.totals.succeeded), (.dead, evidence.totals.dead),
            (.cancelled, evidence.totals.cancelled), (.expired, evidence.totals.expired),
        ]
        for (state, total) in counted {
            let jobs = states.count { $0 == state }
            if total > jobs {
                findings.append(.twice("\(total) times \(state.rawValue) was written, for \(jobs) jobs"))
            }
        }
        if evidence.totals.enqueued > evidence.acknowledged.count {
            findings.append(
                .twice("\(evidence.totals.enqueued) jobs were stored of \(evidence.acknowledged.count) that were added")
            )
        }
    }
}
