import Queue

/// Debounce: the last job wins.
extension Model {
    struct Debouncing: Equatable {
        var key: String
        var delay: Int
        var maxWait: Int
    }

    /// - Returns: the job that waits and was replaced by this one; nil if the new one waits itself.
    mutating func debounce(_ id: JobID, _ options: Options, now: Int) -> JobID? {
        guard let rules = options.debounce else { return nil }
        // A call that is repeated changes nothing.
        if let other = replacements[id] { return other }
        guard let held = debounced[rules.key], let job = jobs[held.id], case .scheduled(let due) = job.place, due > now,
            job.options.debounce?.key == rules.key
        else {
            debounced[rules.key] = (id, now)
            return nil
        }
        var new = options
        new.limits = job.options.limits
        new.sequence = job.options.sequence
        jobs[held.id]?.options = new
        jobs[held.id]?.place = .scheduled(max(now, min(now + rules.delay, held.first + rules.maxWait)))
        replacements[id] = held.id
        return held.id
    }
}
