/// Where a job can be. The place determines the state (docs/states.md); Scripts/parts/places.lua has the same table.
enum Place: String, Sendable, CaseIterable {
    /// Waits until its start time.
    case scheduled
    /// Waits for its next attempt.
    case retrying
    /// Waits to be offered again: no worker knew its type.
    case unclaimed
    /// Waits for a signal, until its timeout.
    case awaiting
    /// Ready, in one list for each priority.
    case queued
    /// Ready, and has a tenant: in one sorted set for each priority.
    case fair
    /// A worker has claimed it.
    case claims
    /// Has ended and is not dead.
    case done
    /// Has died.
    case dead

    /// The sorted sets whose jobs wait until their score, in the order in which the scripts look at them.
    static let later: [Place] = [.scheduled, .retrying, .unclaimed, .awaiting]

    /// The state of a job there; nil if field `r` decides.
    var state: JobState? {
        switch self {
        case .scheduled, .awaiting: .scheduled
        case .retrying: .retrying
        case .unclaimed, .queued, .fair: .queued
        case .claims: .running
        case .done: nil
        case .dead: .dead
        }
    }

    /// Its keys, after the queue's prefix; none for the claims, which are separate for each worker.
    var keys: [String] {
        switch self {
        case .queued: Priority.allCases.map { Self.list($0) }
        case .fair: Priority.allCases.map { Self.fairSet($0) }
        case .claims: []
        case .scheduled, .retrying, .unclaimed, .awaiting, .done, .dead: [rawValue]
        }
    }

    /// The type of these keys in Redis.
    var type: String {
        switch self {
        case .scheduled, .retrying, .unclaimed, .awaiting, .fair, .dead: "zset"
        case .queued, .done: "list"
        case .claims: "hash"
        }
    }

    /// The list of ready jobs of one priority.
    static func list(_ priority: Priority) -> String { "queued:\(priority.rawValue)" }

    /// The set of ready jobs of one priority that have a tenant.
    static func fairSet(_ priority: Priority) -> String { "fair:\(priority.rawValue)" }

    /// The other keys of a queue that hold jobs or counters, with their types.
    static let indexes: [(key: String, type: String)] = [
        ("tombstones", "set"), ("expiring", "zset"), ("remembered", "zset"), ("keyed", "hash"), ("revived", "hash"),
        ("totals", "hash"), ("meta", "hash"), ("workers", "zset"), ("suspects", "zset"), ("bell", "zset"),
        ("schedules", "set"), ("gates", "zset"), ("limits", "set"),
        ("ticks", "zset"), ("awaited", "hash"), ("signals", "zset"), ("sequences", "hash"),
        ("heads", "hash"), ("halted", "hash"), ("tenants", "hash"), ("depths", "hash"),
        ("shares:0", "zset"), ("shares:1", "zset"), ("shares:2", "zset"), ("shares:3", "zset"),
    ]
}
