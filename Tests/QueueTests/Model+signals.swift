import Queue

/// A signal that is kept; its payload is a number.
struct ModelSignal {
    var payload: Int
    var sent: Int
    var until: Int
}

/// A job's wait for a signal that has begun and had none.
struct ModelWait {
    /// A signal that was sent before does not count.
    var since: Int
    var until: Int
    var isOver = false
}

/// Waits for signals, as docs/signals.md describes them.
extension Model {
    /// A running job waits for a signal; it goes on at once if the signal is there or the wait has ended.
    mutating func waitForSignal(_ outcome: Outcome, now: Int) {
        let id = outcome.id, name = outcome.signal
        guard let job = jobs[id] else { return }
        // It was started in time.
        jobs[id]?.isRetried = true
        let new = ModelWait(since: min(now - outcome.lookBack, outcome.started), until: now + outcome.delay)
        var wait = job.waits[name] ?? new
        if let own = job.kept[name], own.until > now {
            deliver(name, own.payload, to: id)
            return toHead(id)
        }
        if let signal = signals[name], signal.until > now, signal.sent >= wait.since {
            deliver(name, signal.payload, to: id)
            return toHead(id)
        }
        wait.isOver = wait.isOver || wait.until <= now
        jobs[id]?.waits[name] = wait
        if wait.isOver { toHead(id) } else { jobs[id]?.place = .awaiting(name, until: wait.until) }
    }

    private mutating func deliver(_ name: String, _ payload: Int, to id: JobID) {
        jobs[id]?.results[name] = payload
        jobs[id]?.kept[name] = nil
        jobs[id]?.waits[name] = nil
    }

    /// The wait of a job in `awaiting` has ended by time.
    mutating func endWait(_ id: JobID) {
        if case .awaiting(let name, _) = jobs[id]?.place { jobs[id]?.waits[name]?.isOver = true }
    }

    /// - Returns: how many jobs were resumed; nil if the only one that should get it has ended or is unknown.
    mutating func signal(_ name: String, only: JobID?, payload: Int, keep: Int, now: Int) -> Int? {
        let signal = ModelSignal(payload: payload, sent: now, until: now + keep)
        if let only {
            guard let job = jobs[only], !job.state.hasEnded else { return nil }
            if isAwaiting(job, name) {
                deliver(name, payload, to: only)
                toHead(only)
                return 1
            }
            if keep > 0, job.results[name] == nil { jobs[only]?.kept[name] = signal }
            return 0
        }
        if keep > 0 { signals[name] = signal }
        let ids = jobs.filter { isAwaiting($0.value, name) }.keys.sorted { $0.text < $1.text }
        inOpenOrder { model in
            for id in ids {
                model.deliver(name, payload, to: id)
                model.toHead(id)
            }
        }
        return ids.count
    }

    private func isAwaiting(_ job: Job, _ name: String) -> Bool {
        if case .awaiting(name, _) = job.place { true } else { false }
    }
}
