import Queue

extension Model {
    /// How many tenants have ready jobs.
    var tenantsWaiting: Int {
        Set(shares.flatMap(\.waiting).compactMap { jobs[$0.id]?.options.tenant }).count
    }
}

/// Fairness between tenants: start-time fair queueing, for one priority.
struct ModelShares {
    var virtual = 0
    /// The start tag of the next job without a tenant.
    var plain = 0
    /// The start tag of a tenant's next job.
    var next: [String: Int] = [:]
    var waiting: [(start: Int, id: JobID)] = []

    mutating func add(_ id: JobID, of tenant: String, weight: Int, atHead: Bool) {
        var start = virtual - 1
        if !atHead {
            start = max(virtual, next[tenant] ?? 0)
            next[tenant] = start + (1000 + weight - 1) / weight
        }
        waiting.append((start, id))
        waiting.sort { ($0.start, $0.id.key) < ($1.start, $1.id.key) }
    }

    mutating func remove(_ id: JobID) {
        waiting.removeAll { $0.id == id }
        if waiting.isEmpty { self = ModelShares() }
    }

    /// Whose turn it is for so many jobs.
    ///
    /// - Parameter listed: how many jobs without a tenant wait.
    /// - Returns: the jobs of tenants, and how many others.
    mutating func take(_ room: Int, listed: Int) -> (ids: [JobID], plain: Int) {
        var shared = 0
        var others = 0
        plain = max(virtual, plain)
        while shared + others < room {
            let start = shared < waiting.count ? waiting[shared].start : nil
            if others < listed, start.map({ plain <= $0 }) ?? true {
                virtual = max(virtual, plain)
                plain += 1000
                others += 1
            } else if let start {
                virtual = max(virtual, start)
                shared += 1
            } else {
                break
            }
        }
        let ids = waiting.prefix(shared).map(\.id)
        waiting.removeFirst(shared)
        if waiting.isEmpty { self = ModelShares() }
        return (ids, others)
    }
}
