import Figures

/// What a run measures, and how often.
struct Options: Sendable {
    let figures: [Catalog.Entry]
    let runs: Int
    /// One small run of everything: it shows that everything works, but its values mean nothing.
    let quick: Bool
    let peers: Bool
    /// The command that repeats this run.
    let command: String

    init(_ flags: Flags) throws {
        var flags = flags
        quick = flags.take("--quick")
        peers = !flags.take("--no-peers")
        let ofFlow = flags.take("--flow")
        let all = ofFlow ? Flow.entries : Catalog.entries
        let only = try flags.value("--only").map { $0.split(separator: ",").map(String.init) }
        runs = try flags.number("--runs", 1...100) ?? (quick ? 1 : 3)
        try flags.end()
        if let only {
            let known = all.map(\.name)
            for name in only where !known.contains(name) {
                throw UsageError("unknown figure \(name); use one of \(known.joined(separator: " "))")
            }
            figures = all.filter { only.contains($0.name) }
        } else {
            figures = all
        }
        let extra = flags.all.filter { $0 != "--flow" }.joined(separator: " ")
        let target = ofFlow ? "make bench-flow" : "make bench"
        command = extra.isEmpty ? target : "\(target) BENCH_FLAGS='\(extra)'"
    }

    /// How many jobs a measurement uses.
    func jobs(_ count: Int, quick small: Int) -> Int { quick ? small : count }
}
