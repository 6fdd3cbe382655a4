import Figures

/// What a run prints.
extension Audit {
    func figures(command: String) -> [Figure] {
        func count(_ name: String, _ matches: (Finding) -> Bool) -> Figure {
            Figure(
                name, [Double(findings.count(where: matches))], unit: "jobs", wanted: .exactly(0),
                beside: [("jobs", Double(evidence.acknowledged.count))] + faults, command: command)
        }
        let counts = [
            count("chaos_lost") { if case .lost = $0 { true } else { false } },
            count("chaos_settled_twice") { if case .twice = $0 { true } else { false } },
            count("chaos_stale_accepted") { if case .stale = $0 { true } else { false } },
            count("chaos_sequence_early") { if case .early = $0 { true } else { false } },
            Figure(
                "chaos_reruns", [Double(reruns)], unit: "runs",
                beside: [
                    ("jobs", Double(evidence.acknowledged.count)), ("ended_twice", Double(endedTwice)),
                    ("crashes_counted", Double(evidence.totals.crashes)),
                ], command: command),
        ]
        return counts + FaultKind.allCases.flatMap { recoveryFigures($0, command: command) }
    }

    private var faults: [(name: String, value: Double?)] {
        evidence.faults.counts.sorted { $0.key < $1.key }.map { ("faults_\($0.key)", Double($0.value)) }
    }

    /// `recovery_<kind>_p50_s` and `recovery_<kind>_p99_s`, for each kind that hit a worker. A kind that interrupted no
    /// job has no value and can't miss its target; only a kill always interrupts jobs.
    private func recoveryFigures(_ kind: FaultKind, command: String) -> [Figure] {
        guard evidence.faults.hits.contains(where: { $0.kind == kind }) else { return [] }
        let all = recoveries.filter { $0.kind == kind }
        let prompt = all.filter { !$0.isDelayed }.map(\.seconds)
        let delayed = all.filter(\.isDelayed).map(\.seconds)
        let isBound = kind == .kill || !prompt.isEmpty
        func figure(_ name: String, _ share: Double, below bound: Double?) -> Figure {
            Figure(
                "recovery_\(kind.rawValue)_\(name)_s", prompt.percentile(share).map { [$0] } ?? [], unit: "s",
                wanted: isBound ? bound.map(Wanted.below) : nil,
                beside: [
                    ("jobs", Double(prompt.count)), ("longest", prompt.max()),
                    ("jobs_that_wait_or_in_an_outage", Double(delayed.count)), ("longest_of_these", delayed.max()),
                ], command: command)
        }
        let wanted = kind.wantedRecovery
        return [figure("p50", 0.5, below: wanted.p50), figure("p99", 0.99, below: wanted.p99)]
    }
}
