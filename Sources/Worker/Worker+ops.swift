/// What operators can ask a worker: whether it works, and which types it knows.
extension Worker {
    /// Whether a worker can be given jobs, and if not, why.
    public enum Readiness: Sendable, Equatable {
        /// The lease holds, and Redis answered one of the last two beats.
        case ready
        /// It has not joined its queues yet, or is joining them again after its lease lapsed.
        case joining
        /// Redis has not answered for this long; the lease may still hold.
        case silent(Duration)
        /// `stop` was called.
        case stopping
    }

    /// The current state, without asking Redis: ready if the last beat that Redis confirmed was sent at most 2.5
    /// `WorkerOptions.beat` ago.
    public var readiness: Readiness {
        if isStopping { return .stopping }
        guard let session, session.isAlive, let lastBeat = session.lastBeat else { return .joining }
        return isSilent(since: lastBeat) ? .silent(ContinuousClock.now - lastBeat) : .ready
    }

    /// One interval for the pause between beats, one for a lost beat, half of one for a slow beat.
    func isSilent(since lastBeat: ContinuousClock.Instant) -> Bool {
        ContinuousClock.now - lastBeat > options.beat * 2.5
    }

    /// Whether the lease holds and Redis answered one of the last two beats.
    public var isReady: Bool { readiness == .ready }

    /// When the last beat that Redis confirmed was sent, under the current lease; nil without a lease. Also while the
    /// worker stops.
    public var lastBeat: ContinuousClock.Instant? {
        guard let session, session.isAlive else { return nil }
        return session.lastBeat
    }
}

extension Registry {
    /// The types and their versions, sorted by type.
    public var list: [(type: String, version: Int)] {
        handlers.values.map { ($0.type, $0.version) }.sorted { $0.type < $1.type }
    }
}
