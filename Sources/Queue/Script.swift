/// One transition of the state machine, as Lua text. Redis identifies it by the SHA-1 of that text, so that an old and
/// a new version of Packhorse can work on one queue during a deploy.
///
/// The header of a script names the parts that it needs, and its flags: `allow-oom` allows it to run when Redis is
/// full, so that queues can be drained; `no-writes` marks a script that only reads. The parts come first, each once,
/// ordered by their dependencies.
/// `scripts/write-scripts.sh` does the same for clients in other languages.
struct Script: Sendable {
    let name: String
    let source: [UInt8]

    private init(_ name: String) {
        self.name = name
        var source = Array("#!lua flags=\(Self.directive("flags", of: name).joined(separator: " "))\n".utf8)
        var known = Set<String>()
        func add(_ part: String) {
            guard known.insert(part).inserted else { return }
            Self.directive("needs", of: part).forEach(add)
            source += Self.texts[part] ?? []
            Self.directive("goes on", of: part).forEach(add)
        }
        add(name)
        self.source = source
    }

    /// The words after `-- <word>: ` in the header of a script or part.
    private static func directive(_ word: String, of part: String) -> [String] {
        let line = String(decoding: texts[part] ?? [], as: UTF8.self).split(separator: "\n")
            .prefix { $0.hasPrefix("--") }.first { $0.hasPrefix("-- \(word): ") }
        return line?.dropFirst(word.count + 5).split(separator: ",").map { $0.drop { $0 == " " } }.map(String.init)
            ?? []
    }

    static let beat = Script("beat")
    static let cancel = Script("cancel")
    static let config = Script("config")
    static let counters = Script("counters")
    static let ended = Script("ended")
    static let enqueue = Script("enqueue")
    static let enqueueWithRules = Script("enqueue_with_rules")
    static let inspect = Script("inspect")
    static let leave = Script("leave")
    static let limitList = Script("limit_list")
    static let limitPut = Script("limit_put")
    static let offerTicks = Script("offer_ticks")
    static let parked = Script("parked")
    static let pause = Script("pause")
    static let permit = Script("permit")
    static let purge = Script("purge")
    static let reserve = Script("reserve")
    static let resync = Script("resync")
    static let retry = Script("retry")
    static let saveProgress = Script("save_progress")
    static let schedulePause = Script("schedule_pause")
    static let schedulePut = Script("schedule_put")
    static let scheduleRemove = Script("schedule_remove")
    static let schedules = Script("schedules")
    static let sequenceList = Script("sequence_list")
    static let sequenceResume = Script("sequence_resume")
    static let settle = Script("settle")
    static let signal = Script("signal")
    static let stats = Script("stats")
    static let status = Script("status")
    static let tenantList = Script("tenant_list")
    static let tenantPut = Script("tenant_put")
    static let tick = Script("tick")

    static let all = [
        beat, cancel, config, counters, ended, enqueue, enqueueWithRules, inspect, leave, limitList,
        limitPut, offerTicks, parked, pause, permit, purge,
        reserve, resync, retry, saveProgress, schedulePause, schedulePut, scheduleRemove, schedules,
        sequenceList, sequenceResume, settle, signal, stats, status, tenantList, tenantPut, tick,
    ]

    /// The files in Scripts and Scripts/parts, by name.
    private static let texts: [String: [UInt8]] = [
        "beat": PackageResources.beat_lua, "cancel": PackageResources.cancel_lua,
        "config": PackageResources.config_lua, "counters": PackageResources.counters_lua,
        "ended": PackageResources.ended_lua, "enqueue": PackageResources.enqueue_lua,
        "enqueue_with_rules": PackageResources.enqueue_with_rules_lua,
        "inspect": PackageResources.inspect_lua, "leave": PackageResources.leave_lua,
        "limit_list": PackageResources.limit_list_lua, "limit_put": PackageResources.limit_put_lua,
        "offer_ticks": PackageResources.offer_ticks_lua,
        "parked": PackageResources.parked_lua,
        "pause": PackageResources.pause_lua, "permit": PackageResources.permit_lua, "purge": PackageResources.purge_lua,
        "reserve": PackageResources.reserve_lua, "resync": PackageResources.resync_lua,
        "retry": PackageResources.retry_lua, "save_progress": PackageResources.save_progress_lua,
        "schedule_pause": PackageResources.schedule_pause_lua, "schedule_put": PackageResources.schedule_put_lua,
        "schedule_remove": PackageResources.schedule_remove_lua, "schedules": PackageResources.schedules_lua,
        "sequence_list": PackageResources.sequence_list_lua,
        "sequence_resume": PackageResources.sequence_resume_lua,
        "settle": PackageResources.settle_lua, "signal": PackageResources.signal_lua,
        "stats": PackageResources.stats_lua, "status": PackageResources.status_lua,
        "tenant_list": PackageResources.tenant_list_lua, "tenant_put": PackageResources.tenant_put_lua,
        "tick": PackageResources.tick_lua,

        "admitting": PackageResources.admitting_lua, "batching": PackageResources.batching_lua,
        "cancelling": PackageResources.cancelling_lua, "caps": PackageResources.caps_lua,
        "collecting": PackageResources.collecting_lua, "debouncing": PackageResources.debouncing_lua,
        "due": PackageResources.due_lua, "ending": PackageResources.ending_lua,
        "evidence": PackageResources.evidence_lua, "expire": PackageResources.expire_lua,
        "filing": PackageResources.filing_lua,
        "gated": PackageResources.gated_lua, "gates": PackageResources.gates_lua,
        "housekeeping": PackageResources.housekeeping_lua, "keys": PackageResources.keys_lua,
        "lease": PackageResources.lease_lua, "leaving": PackageResources.leaving_lua,
        "limits": PackageResources.limits_lua,
        "links": PackageResources.links_lua,
        "places": PackageResources.places_lua, "prelude": PackageResources.prelude_lua,
        "prune": PackageResources.prune_lua, "quiet": PackageResources.quiet_lua,
        "record": PackageResources.record_lua, "settling": PackageResources.settling_lua,
        "rescue": PackageResources.rescue_lua, "sequences": PackageResources.sequences_lua,
        "sharing": PackageResources.sharing_lua,
        "signals": PackageResources.signals_lua, "tenants": PackageResources.tenants_lua,
    ]
}
