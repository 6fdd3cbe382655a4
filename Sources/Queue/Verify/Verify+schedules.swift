internal import PackhorseRedis

extension Queue {
    /// Every schedule is in `schedules`, and in `ticks` exactly if it has a next tick.
    ///
    /// - Parameter known: the names of those that have a hash.
    func scheduleFindings(_ known: Set<String>) async throws(QueueError) -> [VerifyFinding] {
        var found: [VerifyFinding] = []
        func note(_ schedule: String, _ detail: String) {
            found.append(VerifyFinding(.schedule, key: base + "schedule:" + schedule, detail))
        }
        var listed = Set<String>()
        try await scan("SSCAN", "schedules", match: nil) { listed.formUnion($0) }
        for name in listed.subtracting(known) { note(name, "it is in schedules and has no hash") }
        for name in known.subtracting(listed) { note(name, "it is not in schedules, so nobody sees it") }
        let ticks = Set(try await scores("ticks").keys)
        for name in ticks.subtracting(known) { note(name, "it is in ticks and has no hash") }
        for schedule in try await schedules() {
            if schedule.spec == nil { note(schedule.name, "its spec can't be read") }
            if schedule.nextTick == nil, ticks.contains(schedule.name) {
                note(schedule.name, "it is in ticks and has no next tick")
            }
            if schedule.nextTick != nil, !ticks.contains(schedule.name) {
                note(schedule.name, "its next tick is not in ticks: it will make no job")
            }
        }
        return found
    }
}
