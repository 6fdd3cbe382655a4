internal import PackhorseRedis

extension Queue {
    /// Compares the counters with what they count, at one point in time.
    func counters() async throws(QueueError) -> [VerifyFinding] {
        let parts = try await run(.counters, arguments: 0, now: nil) { _ in }.array ?? []
        guard parts.count == 3 else { throw .refused(script: "counters", message: "unexpected reply") }
        let totals = Self.pairs(parts[0]), meta = Self.pairs(parts[1]), there = Self.pairs(parts[2])
        func total(_ name: String) -> Int { totals[name, default: 0] }
        func count(_ name: String) -> Int { there[name, default: 0] }
        func kept(_ state: String) -> Int { total(state) - total("pruned:" + state) }

        var found: [VerifyFinding] = []
        func compare(_ key: String, _ what: String, _ counter: Int, _ counted: Int) {
            guard counter != counted else { return }
            found.append(VerifyFinding(.counter, key: base + key, "\(what) is \(counter), there are \(counted)"))
        }
        let waiting =
            count("listed") - count("tombstones") + count("parked") + count("following") + count("fair")
            + Place.later.reduce(0) { $0 + count($1.rawValue) }
        let ended = total("succeeded") + total("dead") + total("cancelled") + total("expired")
        compare(
            "totals", "enqueued + retried - ended", total("enqueued") + total("revived") - ended,
            waiting + count("held"))
        compare("meta", "parked", meta["parked", default: 0], count("parked"))
        compare("meta", "following", meta["following", default: 0], count("following"))
        compare("depths", "the sum", count("deep"), count("fair"))
        if count("liveBytes") >= 0 { compare("meta", "liveBytes", meta["liveBytes", default: 0], count("liveBytes")) }
        if count("doneBytes") >= 0 {
            compare("meta", "doneBytes", meta["doneBytes", default: 0], count("doneBytes"))
            compare("totals", "succeeded - pruned", kept("succeeded"), count("succeeded"))
            compare(
                "totals", "cancelled + expired - pruned", kept("cancelled") + kept("expired"),
                count("cancelled") + count("expired") - count("stale"))
        }
        if count("deadBytes") >= 0 { compare("meta", "deadBytes", meta["deadBytes", default: 0], count("deadBytes")) }
        found += late(meta, there)
        for (name, value) in totals.sorted(by: { $0.key < $1.key }) where value < 0 {
            found.append(VerifyFinding(.counter, key: base + "totals", "\(name) is \(value)"))
        }
        return found
    }

    /// What reserve would miss because it believes that nothing is due yet.
    private func late(_ meta: [String: Int], _ there: [String: Int]) -> [VerifyFinding] {
        let places = Place.later.map(\.rawValue) + ["expiring", "workers"]
        let due = places.map { there["next:" + $0, default: -1] }.filter { $0 >= 0 }.min() ?? .max
        let time = there["tombstones", default: 0] > 0 ? 0 : due
        guard let quiet = meta["quietUntil"], quiet > time else { return [] }
        return [VerifyFinding(.counter, key: base + "meta", "quietUntil is \(quiet), but the earliest is \(time)")]
    }

    /// A reply of names and numbers in turn.
    static func pairs(_ reply: RedisReply) -> [String: Int] {
        let flat = reply.array ?? []
        var pairs: [String: Int] = [:]
        for i in stride(from: 0, to: flat.count - 1, by: 2) {
            if let name = flat[i].string, let value = flat[i + 1].int { pairs[name] = value }
        }
        return pairs
    }
}
