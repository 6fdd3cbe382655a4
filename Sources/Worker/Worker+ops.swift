/// What operators ask a worker: does it work, and what does it know.
extension Worker {
    /// Whether a worker can be given jobs, and if not, why.
    public enum Readiness: Sendable, Equatable {
        /// The lease is good and Redis answered one of the last two beats.
        case ready
        /// It has not joined its queues yet, or joins them again after its lease lapsed.
        case joining
        /// Redis has not answered for so long; the lease may still be good.
        case silent(Duration)
        /// `stop` was called.
        case stopping
    }

    /// How it is now, without asking Redis: ready if the last beat that Redis confirmed was sent at most 2.5
    /// `WorkerOptions.beat` ago.
    public var readiness: Readiness {
        if isStopping { return .stopping }
        guard let session, session.isAlive, let lastBeat = session.lastBeat else { return .joining }
        return isSilent(since: lastBeat) ? .silent(ContinuousClock.now - lastBeat) : .ready
    }

    /// One interval for the pause between beats, one for a lost one, a half for a slow one.
    func isSilent(since lastBeat: ContinuousClock.Instant) -> Bool {
        ContinuousClock.now - lastBeat > options.beat * 2.5
    }

    /// The lease is good and Redis answered one of the last two beats.
    public var isReady: Bool { readiness == .ready }

    /// When the beat was sent that Redis last confirmed, under the lease that is good now; nil without one. Also while
    /// the worker stops.
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
