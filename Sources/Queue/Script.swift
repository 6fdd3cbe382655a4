/// One transition of the state machine, as Lua text. Redis knows it by the SHA-1 of that text, so that an old and a
/// new version of Packhorse can work on one queue during a deploy.
struct Script: Sendable {
    let name: String
    let source: [UInt8]

    /// - Parameters:
    ///   - flags: Redis 7 script flags: `allow-oom` lets a full Redis be drained, `no-writes` marks what only reads.
    ///   - parts: the texts that come before the script's own, in order.
    private init(_ name: String, flags: String = "", _ parts: [UInt8]...) {
        self.name = name
        source = Array("#!lua flags=\(flags)\n".utf8) + parts.reduce(into: []) { $0 += $1 }
    }

    private static let prelude = PackageResources.prelude_lua
    private static let record = PackageResources.prelude_lua + PackageResources.record_lua

    static let enqueue = Script("enqueue", prelude, PackageResources.enqueue_lua)
    static let enqueueWithRules = Script(
        "enqueue_with_rules", record, PackageResources.expire_lua, PackageResources.enqueue_with_rules_lua)
    /// Mostly the first two parts are all that runs: making the functions of the others would take as long as that.
    static let reserve = Script(
        "reserve", flags: "allow-oom", prelude, PackageResources.reserve_lua, PackageResources.record_lua,
        PackageResources.expire_lua, PackageResources.due_lua, PackageResources.rescue_lua, PackageResources.prune_lua,
        PackageResources.housekeeping_lua)
    static let resync = Script("resync", flags: "allow-oom", record, PackageResources.resync_lua)
    static let settle = Script("settle", flags: "allow-oom", record, PackageResources.settle_lua)
    static let saveProgress = Script("save_progress", flags: "allow-oom", prelude, PackageResources.save_progress_lua)
    static let beat = Script("beat", flags: "allow-oom", prelude, PackageResources.beat_lua)
    static let leave = Script("leave", flags: "allow-oom", record, PackageResources.leave_lua)
    static let cancel = Script("cancel", flags: "allow-oom", record, PackageResources.cancel_lua)
    static let retry = Script("retry", record, PackageResources.retry_lua)
    static let purge = Script(
        "purge", flags: "allow-oom", record, PackageResources.prune_lua, PackageResources.purge_lua)
    static let pause = Script("pause", flags: "allow-oom", prelude, PackageResources.pause_lua)
    static let status = Script("status", flags: "no-writes", record, PackageResources.status_lua)
    static let stats = Script("stats", flags: "no-writes", prelude, PackageResources.stats_lua)
    static let inspect = Script("inspect", flags: "no-writes", prelude, PackageResources.inspect_lua)
    static let counters = Script("counters", flags: "no-writes", record, PackageResources.counters_lua)
}
