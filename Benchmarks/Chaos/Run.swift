/// One attempt as its handler recorded it.
struct Run: Sendable {
    var id: String
    var attempt: Int
    var pid: Int32
    /// Monotonic ns.
    var startedAt: Int
    var ended = false
    var failed = false
    var steps: Set<Int> = []

    /// The runs of each job, sorted by their starts.
    ///
    /// - Parameter ledger: sorted by time.
    static func byJob(_ ledger: [Ledger.Entry]) -> [String: [Run]] {
        var runs: [String: [Run]] = [:]
        for entry in ledger {
            if entry.event == .start {
                runs[entry.id, default: []].append(
                    Run(id: entry.id, attempt: entry.attempt, pid: entry.pid, startedAt: entry.at))
                continue
            }
            guard let i = runs[entry.id]?.lastIndex(where: { $0.attempt == entry.attempt && $0.pid == entry.pid })
            else {
                continue
            }
            switch entry.event {
            case .start: break
            case .end: runs[entry.id]?[i].ended = true
            case .fail: runs[entry.id]?[i].failed = true
            case .step: runs[entry.id]?[i].steps.insert(entry.step)
            }
        }
        return runs
    }
}
