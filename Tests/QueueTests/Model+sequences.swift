import Queue

/// Sequences: jobs with the same key run one after the other, in the order in which they were stored.
extension Model {
    struct Sequence: Equatable {
        var key: String
        var halts: Bool
    }

    /// It is ready, and waits for its turn.
    func isFollowing(_ id: JobID) -> Bool { followers.values.contains { $0.contains(id) } }

    /// The job that must end before this one, while this one waits for its turn.
    func blocker(of id: JobID) -> JobID? {
        guard isFollowing(id), let key = jobs[id]?.options.sequence?.key else { return nil }
        return heads[key] ?? halted[key]
    }

    /// - Returns: false if a ready job must wait for its turn; then it does.
    mutating func takesTurn(_ id: JobID) -> Bool {
        guard let key = jobs[id]?.options.sequence?.key, heads[key] != id else { return true }
        if heads[key] == nil, halted[key] == nil || halted[key] == id {
            heads[key] = id
            halted[key] = nil
            return true
        }
        followers[key, default: []].insert(id)
        return false
    }

    /// What follows when a job has ended.
    mutating func sequenceFollows(_ id: JobID, _ state: JobState) {
        guard let key = heads.first(where: { $0.value == id })?.key else { return }
        heads[key] = nil
        if state == .dead, jobs[id]?.options.sequence?.halts == true {
            halted[key] = id
        } else {
            advance(key)
        }
    }

    /// The dead job is forgotten by hand.
    mutating func giveUp(_ id: JobID) {
        guard let key = jobs[id]?.options.sequence?.key, heads[key] == nil, halted[key] == id else { return }
        advance(key)
    }

    /// - Returns: false if it was not halted, nil if there is no such sequence.
    mutating func resumeSequence(_ key: String) -> Bool? {
        if heads[key] != nil { return false }
        guard halted[key] != nil else { return nil }
        advance(key)
        return true
    }

    /// The job that was stored first takes its turn.
    private mutating func advance(_ key: String) {
        halted[key] = nil
        guard let next = followers[key]?.min(by: { (jobs[$0]?.life ?? 0) < (jobs[$1]?.life ?? 0) }) else { return }
        followers[key]?.remove(next)
        toTail(next)
    }
}
