internal import Foundation
internal import PackhorseRedis

/// Everything that Redis has about one id, and the rules that it must obey. From one row of inspect.lua, or collected
/// page by page.
struct JobPlaces: Sendable {
    struct Holder: Sendable {
        var worker: String
        /// Empty if the worker holds no claim.
        var claim: String
        var isTold: Bool
    }

    /// The key of the job in Redis.
    let key: String
    /// The id of the job.
    var id: String { JobID(key: key.utf8).text }
    /// The type of the job's key; `none` if there is no key.
    var kind = "none"
    /// Nil when it can't be read; without arguments.
    private var body: JobBody?
    var bodyBytes = -1
    var endHead: [UInt8] = []
    var endBytes = -1
    var counts = ""
    var cancel = ""
    /// When it expires, according to field `x`.
    var expires = ""
    /// By sorted set: the places for later, dead, expiring, remembered.
    var scores: [String: Double] = [:]
    var listed = 0
    /// Only its end is still known, because of the idempotency key that it holds.
    var isForgotten = false
    var isTombstone = false
    /// The name of its idempotency key according to `keyed`, and the job that holds that key.
    var keyName = ""
    var keyHolder = ""
    /// How many void entries from earlier ends it has in `done`, according to `revived`.
    var stale = 0
    /// The states of the entries in `done` that name it; nil if they were not read.
    var done: [String]? = []
    var holders: [Holder] = []

    static let scored =
        Place.later.map(\.rawValue) + Place.fair.keys + [Place.dead.rawValue, "expiring", "remembered"]

    init(_ key: String) { self.key = key }

    /// Takes over a row of inspect.lua.
    mutating func take(_ row: [RedisReply]) {
        guard row.count >= 9 else { return }
        func bytes(_ reply: RedisReply) -> [UInt8] {
            if case .bytes(let value) = reply { value } else { [] }
        }
        kind = row[0].string ?? "none"
        (body, bodyBytes) = (try? JobBody(bytes(row[1]), of: id), row[2].int ?? -1)
        (endHead, endBytes) = (bytes(row[3]), row[4].int ?? -1)
        (counts, cancel, expires) = (row[5].string ?? "", row[6].string ?? "", row[7].string ?? "")
        isForgotten = row[8].string?.isEmpty == false
        guard row.count >= 17 else { return }
        let standing = row[9].array ?? []
        scores = [:]
        for i in stride(from: 0, to: standing.count - 1, by: 2) {
            if let place = standing[i].string { scores[place] = standing[i + 1].string.flatMap { Double($0) } }
        }
        listed = row[10].int ?? 0
        isTombstone = row[11].int == 1
        (keyName, keyHolder) = (row[12].string ?? "", row[13].string ?? "")
        stale = row[14].int ?? 0
        done = row[15].array?.compactMap(\.string)
        let flat = row[16].array ?? []
        holders = stride(from: 0, to: flat.count - 2, by: 3).map { i in
            Holder(worker: flat[i].string ?? "", claim: flat[i + 1].string ?? "", isTold: flat[i + 2].int == 1)
        }
    }

    /// What is wrong with it.
    var findings: [VerifyFinding] {
        record() + place() + claim() + idempotencyKey() + expiry()
    }

    private var hasEnded: Bool { endBytes >= 0 }
    private var claims: [Holder] { holders.filter { !$0.claim.isEmpty } }
    private var attempts: [Int]? {
        guard !counts.isEmpty else { return [0, 0, 0] }
        let numbers = counts.split(separator: " ", omittingEmptySubsequences: false).compactMap { Int($0) }
        return numbers.count >= 3 && numbers.allSatisfy { $0 >= 0 } ? numbers : nil
    }

    /// `<state> <ended ms> <attempt>|<started ms> <worker>[ <more>…]\n`
    private var end: (state: JobState, attempt: Int)? {
        let parts = String(decoding: endHead, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts.last?.hasSuffix("\n") == true, parts[3] != "\n", Int(parts[1]) != nil,
            let state = JobState(rawValue: String(parts[0])), state.hasEnded, let claim = Self.claim(parts[2])
        else { return nil }
        return (state, claim.attempt)
    }

    private static func claim(_ text: Substring) -> (attempt: Int, started: Int)? {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 2 || (3...4).contains(parts.count) && parts.last == "l", let attempt = Int(parts[0]),
            let started = Int(parts[1])
        else { return nil }
        return (attempt, started)
    }

    /// The name of every place where it waits or runs.
    private var live: [String] {
        var places = Place.later.map(\.rawValue).filter { scores[$0] != nil }
        places += scores.keys.filter { $0.hasPrefix("gate:") || $0.hasPrefix("fair:") || $0.hasPrefix("sequence:") }
        places += Array(repeating: "queued", count: max(0, listed - (isTombstone ? 1 : 0)))
        return places + claims.map { "claims:\($0.worker)" }
    }

    private func record() -> [VerifyFinding] {
        var found: [VerifyFinding] = []
        func note(_ detail: String) { found.append(VerifyFinding(.record, id: id, detail)) }
        switch kind {
        case "none": return []
        case "hash": break
        default:
            note("its key is a \(kind), not a hash")
            return found
        }
        if bodyBytes <= 0 {
            note(hasEnded ? "it ended without a payload: somebody deleted its record" : "it has no payload")
        } else if body == nil {
            note("field b can't be read")
        }
        if hasEnded && end == nil { note("field r can't be read") }
        if attempts == nil { note("field a is '\(counts)', not three counts or more") }
        if let attempts, attempts[1] > attempts[0] { note("more failures than attempts: '\(counts)'") }
        return found
    }

    private func place() -> [VerifyFinding] {
        var found: [VerifyFinding] = []
        func note(_ detail: String) { found.append(VerifyFinding(.place, id: id, detail)) }
        let live = live
        let ended = done.map { entries in
            Array(repeating: "done", count: max(0, entries.count - stale)) + (scores["dead"] == nil ? [] : ["dead"])
        }
        if kind == "none" {
            for place in live + (ended ?? []) { note("it is in \(place) and has no record") }
        } else if hasEnded {
            if !live.isEmpty { note("it has ended and is in \(live.joined(separator: ", "))") }
            if isForgotten {
                for place in ended ?? [] { note("it was forgotten and is in \(place)") }
                if scores["remembered"] == nil {
                    found.append(VerifyFinding(.orphan, id: id, "it was forgotten and no idempotency key needs it"))
                }
            } else if let end, let ended {
                let wanted = end.state == .dead ? "dead" : "done"
                if ended != [wanted] {
                    note("it is \(end.state.rawValue) and is in \(ended), not in \(wanted) once")
                }
                if let done, wanted == "done", done.first != end.state.rawValue {
                    note("it is \(end.state.rawValue), its last entry in done says \(done.first ?? "nothing")")
                }
            }
            if !cancel.isEmpty && end?.state != .succeeded { note("it has ended and still has a request to cancel it") }
        } else {
            if live.isEmpty { note("it has not ended and is in no place") }
            if live.count > 1 { note("it is in \(live.joined(separator: ", "))") }
            for place in ended ?? [] { note("it has not ended and is in \(place)") }
        }
        if isTombstone && listed == 0 {
            found.append(VerifyFinding(.orphan, id: id, "a tombstone without a place in a list"))
        }
        if let done, stale > done.count {
            found.append(VerifyFinding(.orphan, id: id, "retried more often than it ended"))
        }
        return found
    }

    private func claim() -> [VerifyFinding] {
        var found: [VerifyFinding] = []
        func note(_ detail: String) { found.append(VerifyFinding(.claim, id: id, detail)) }
        for holder in claims {
            guard let claim = Self.claim(holder.claim[...]) else {
                note("\(holder.worker) holds '\(holder.claim)', not '<attempt>|<started>'")
                continue
            }
            if claim.attempt < 1 { note("\(holder.worker) holds attempt \(claim.attempt)") }
            if let attempts, claim.attempt <= attempts[0] {
                note("\(holder.worker) holds attempt \(claim.attempt), but \(attempts[0]) were made before")
            }
            if !cancel.isEmpty && !holder.isTold { note("it must be cancelled, but \(holder.worker) was not told") }
            if cancel.isEmpty && holder.isTold {
                note("\(holder.worker) was told to cancel it, but nobody asked for that")
            }
        }
        for holder in holders where holder.claim.isEmpty {
            found.append(VerifyFinding(.orphan, id: id, "\(holder.worker) was told to cancel it without a claim on it"))
        }
        if claims.isEmpty && !cancel.isEmpty && !hasEnded { note("it must be cancelled, but does not run") }
        if let end, let attempts, end.attempt < attempts[0] {
            note("it ended with attempt \(end.attempt), but \(attempts[0]) were made before")
        }
        return found
    }

    private func idempotencyKey() -> [VerifyFinding] {
        guard !keyName.isEmpty else { return [] }
        if kind == "none" || hasEnded {
            return [VerifyFinding(.key, id: id, "it is gone or has ended, but still has key \(keyName)")]
        }
        guard let stored = body?.stored else { return [] }
        if stored.key != keyName {
            return [VerifyFinding(.key, id: id, "it holds key \(keyName), its record says \(stored.key ?? "none")")]
        }
        // Another job may take the key of a job that does not hold it in all states.
        let states = Set((stored.keyStates ?? "").split(separator: " ").compactMap { JobState(rawValue: String($0)) })
        let isOwn = stored.keyStates == nil || states.isSuperset(of: [.scheduled, .queued, .running, .retrying])
        if keyHolder != key && isOwn && stored.keyPeriod == nil {
            return [VerifyFinding(.key, id: id, "its key \(keyName) is gone, or another job has it")]
        }
        return []
    }

    private func expiry() -> [VerifyFinding] {
        guard let at = scores["expiring"] else { return [] }
        if kind == "none" || hasEnded || !claims.isEmpty {
            return [VerifyFinding(.expiry, id: id, "it is in expiring, but does not wait")]
        }
        guard Double(expires) == at else {
            return [VerifyFinding(.expiry, id: id, "its time in expiring differs from its record")]
        }
        return []
    }
}
