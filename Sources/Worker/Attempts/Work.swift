internal import Queue

/// What takes one slot of a worker: a job, or jobs that were collected.
enum Work: Sendable {
    case job(Attempt)
    case batch(Batch)

    var session: WorkerSession {
        switch self {
        case .job(let attempt): attempt.session
        case .batch(let batch): batch.members[0].session
        }
    }

    /// Identifies it while it runs.
    var id: ObjectIdentifier {
        switch self {
        case .job(let attempt): ObjectIdentifier(attempt)
        case .batch(let batch): ObjectIdentifier(batch)
        }
    }

    var attempts: [Attempt] {
        switch self {
        case .job(let attempt): [attempt]
        case .batch(let batch): batch.members
        }
    }

    /// - Returns: whether it was interrupted; then the runner's task is cancelled, or will be.
    func run(on runner: Runner) async -> Bool {
        switch self {
        case .job(let attempt): await attempt.run(on: runner)
        case .batch(let batch): await batch.run(on: runner)
        }
    }

    func interrupt(_ why: Interruption, where selects: (Attempt) -> Bool) {
        switch self {
        case .job(let attempt): if selects(attempt) { attempt.interrupt(why) }
        case .batch(let batch): batch.interrupt(why, where: selects)
        }
    }

    /// Takes it back before it begins, if that concerns all of its jobs; otherwise the others begin without those.
    ///
    /// - Parameter outcome: of the jobs that are taken back; nil if nothing may be written for them.
    /// - Returns: whether it will not begin.
    func isTakenBack(_ why: Interruption, _ outcome: Outcome?, where selects: (Attempt) -> Bool) -> Bool {
        guard attempts.allSatisfy(selects) else {
            interrupt(why, where: selects)
            return false
        }
        if let outcome { for attempt in attempts { attempt.endUnbegun(outcome) } }
        return true
    }
}
