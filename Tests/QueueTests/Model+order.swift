import Queue

/// Where ready jobs line up, and in which order.
extension Model {
    mutating func toTail(_ id: JobID) { lineUp(id, atHead: false) }

    mutating func toHead(_ id: JobID) {
        jobs[id]?.place = .queued
        lineUp(id, atHead: true)
    }

    private mutating func lineUp(_ id: JobID, atHead: Bool) {
        if isCollected(id) { jobs[id]?.came = atHead ? 0 : now }
        guard takesTurn(id), !isLimited(id), !isCollected(id), let list = list(of: id) else { return }
        if let tenant = jobs[id]?.options.tenant {
            shares[list].add(id, of: tenant, weight: weights[tenant] ?? 1, atHead: atHead)
        } else {
            lists[list].insert(id, at: atHead ? 0 : lists[list].count)
            if atHead { atHeads[list] += 1 } else { atTails[list].insert(id) }
        }
    }

    /// Several jobs line up in an order that is open.
    mutating func inOpenOrder(_ body: (inout Model) -> Void) {
        atHeads = [0, 0, 0, 0]
        atTails = [[], [], [], []]
        body(&self)
        for list in 0..<4 {
            if atHeads[list] > 1 { open[list] = atHeads[list] }
            if atTails[list].count > 1 { openTails[list] = atTails[list] }
        }
    }

    /// Lets the job come first that really did, as far as the order is open.
    mutating func settleOrder(_ list: Int, _ real: JobID) {
        let isOpen = lists[list].first.map { openTails[list]?.contains($0) == true } ?? false
        if let count = open[list], let at = lists[list].prefix(count).firstIndex(of: real) {
            lists[list].swapAt(0, at)
        } else if isOpen, openTails[list]?.contains(real) == true, let at = lists[list].firstIndex(of: real) {
            lists[list].swapAt(0, at)
        }
    }

    /// When something is due that no reserve has looked at yet, or a job is ready.
    func wantsWorker(now: Int) -> Bool {
        guard !isPaused else { return false }
        if !batches(now: now).isEmpty { return true }
        return jobs.contains { id, job in
            switch job.place {
            case .queued:
                !isFollowing(id) && !isCollected(id) && (job.options.limits.isEmpty || hasPermits(job, now: now))
            case .scheduled(let at), .unclaimed(let at), .awaiting(_, let at): at <= now
            case .retrying(let at): at.upperBound <= now
            case .running, .ended: false
            }
        }
    }
}
