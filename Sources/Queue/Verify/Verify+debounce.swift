internal import PackhorseRedis

extension Queue {
    /// A debounce key ends by itself, whatever became of its job; one that never ends was written by somebody else.
    func debounceFindings(_ names: [String]) async throws(QueueError) -> [VerifyFinding] {
        var found: [VerifyFinding] = []
        for name in names where try await ask("PTTL", name).int == -1 {
            let job = try await ask("GET", name).string?.split(separator: " ").first.map(String.init)
            found.append(
                VerifyFinding(
                    .key, id: job.map { JobID(key: $0.utf8).text }, key: base + name,
                    "a debounce key that never expires"))
        }
        return found
    }
}
