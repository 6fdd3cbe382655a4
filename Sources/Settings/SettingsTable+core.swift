public import Logging
public import Logs
public import PackhorseRedis
internal import Queue
public import Secrets

extension SettingsTable {
    /// In the order of docs/settings.md.
    static let coreRows: [any SettingsRow] = [
        Setting<RedisURL?>.redisURL, Setting<String>.home, Setting<[WeightedQueue]>.queues, Setting<Int>.concurrency,
        Setting<Duration>.grace, Setting<Duration>.lease, Setting<Int>.maxCrashes, Setting<String?>.schedules,
        Setting<Duration>.retainAge, Setting<Int>.retainBytes, Setting<Duration>.retainDeadAge,
        Setting<Int>.retainDeadBytes, Setting<Int>.payloadLimit, Setting<LogLevel>.logLevel,
        Setting<LogFormat?>.logFormat, Setting<Int?>.httpPort, Setting<String>.httpHost, Setting<String?>.healthFile,
        Setting<Bool>.allowEviction, Setting<String>.apiHost, Setting<Int>.apiPort, Setting<Secret?>.apiToken,
    ]
}

extension Setting where Value == RedisURL? {
    /// `REDIS_URL`: a secret; nil, the default, for the private server in `home`.
    public static let redisURL = Setting(
        name: "REDIS_URL",
        meaning: "Where Redis is. Without it both programs share a private server on a socket in PACKHORSE_HOME.",
        allowed: "redis://, rediss://, unix://, redis+unix://, redis+sentinel:// or rediss+sentinel://", isSecret: true,
        readers: .both, fallback: .value(nil, described: "a private server"),
        shown: { (try? RedisURL($0)).map { "\($0)" } ?? "***" }
    ) { text throws(Refusal) in
        do throws(RedisURLError) {
            return try RedisURL(text)
        } catch {
            throw Refusal(reason: "\(error)")
        }
    }
}

extension Setting where Value == [WeightedQueue] {
    /// `PACKHORSE_QUEUES`: one or more, none twice, each with a weight of 1 to 1,000; by default only `default`.
    public static let queues = Setting(
        name: "PACKHORSE_QUEUES",
        meaning: "The queues that a worker serves, and how often each is checked first, relative to the others.",
        allowed: "queue names with a weight from 1 to 1000 (default 1), separated by commas: ocr:2,default:1",
        readers: .worker, fallback: .text("default"), parse: WeightedQueue.list)
}

extension Setting where Value == Bool {
    /// `PACKHORSE_ALLOW_EVICTION`: false by default.
    public static let allowEviction = flag(
        "PACKHORSE_ALLOW_EVICTION", by: .both,
        "Accept a Redis that may drop jobs when its memory is full (maxmemory-policy).")
}

extension Setting where Value == String {
    /// `PACKHORSE_HOME`: a path, `./.packhorse` by default.
    public static let home = path(
        "PACKHORSE_HOME", default: "./.packhorse", by: .both,
        "The folder for the private Redis server, its data, and the files that jobs keep here.")
    /// `PACKHORSE_HTTP_HOST`: 127.0.0.1 by default; used only with `httpPort`.
    public static let httpHost = host(
        "PACKHORSE_HTTP_HOST", default: "127.0.0.1", by: .worker, "The address of the worker's HTTP port.")
    /// `PACKHORSE_API_HOST`: 127.0.0.1 by default; an address that other hosts can reach needs `apiToken`.
    public static let apiHost = host("PACKHORSE_API_HOST", default: "127.0.0.1", by: .enqueue, "The API's address.")
}

extension Setting where Value == String? {
    /// `PACKHORSE_SCHEDULES`: a path; nil, the default, for none.
    public static let schedules = Setting(
        name: "PACKHORSE_SCHEDULES",
        meaning: "A YAML file of schedules, which a worker makes or changes when it starts. A schedule that left the "
            + "file is removed.", allowed: "a path", readers: .worker, fallback: .value(nil, described: "none")
    ) { $0 }
    /// `PACKHORSE_HEALTH_FILE`: a path; nil, the default, for a file in the user's private folder.
    public static let healthFile = Setting(
        name: "PACKHORSE_HEALTH_FILE",
        meaning: "Written by a worker while its lease holds, read by `worker healthcheck`. Workers that share a host "
            + "need one each.", allowed: "a path", readers: .worker,
        fallback: .value(
            nil, described: "packhorse/worker-health in XDG_RUNTIME_DIR, else /tmp/packhorse-UID/worker-health")
    ) { $0 }
}

extension Setting where Value == Int {
    /// `PACKHORSE_CONCURRENCY`: 1 to 10,000 jobs at once, 16 by default.
    public static let concurrency = number(
        "PACKHORSE_CONCURRENCY", 1...10_000, default: 16, by: .worker, "Jobs that a worker runs at once.")
    /// `PACKHORSE_MAX_CRASHES`: 1 to 1,000, 3 by default.
    public static let maxCrashes = number(
        "PACKHORSE_MAX_CRASHES", QueueSetting.maxCrashes.range, default: 3, by: .worker,
        "A job that has killed this many workers is dead. For queues where `enqueue config` has not set it.")
    /// `PACKHORSE_RETAIN_BYTES`: in bytes, 0 to 1 TiB, 256 MiB by default.
    public static let retainBytes = bytes(
        "PACKHORSE_RETAIN_BYTES", QueueSetting.retainBytes.range, default: "256MiB", by: .worker,
        "How much a queue keeps of succeeded, cancelled and expired jobs; the oldest go first.")
    /// `PACKHORSE_RETAIN_DEAD_BYTES`: in bytes, 0 to 1 TiB, 256 MiB by default.
    public static let retainDeadBytes = bytes(
        "PACKHORSE_RETAIN_DEAD_BYTES", QueueSetting.retainDeadBytes.range, default: "256MiB", by: .worker,
        "How much a queue keeps of dead jobs; the oldest go first.")
    /// `PACKHORSE_PAYLOAD_LIMIT`: in bytes, 1 KiB to 64 MiB, 1 MiB by default.
    public static let payloadLimit = bytes(
        "PACKHORSE_PAYLOAD_LIMIT", 1024...(64 << 20), default: "1MiB", by: .both,
        "The maximum size of a job's arguments, and of its result.")
    /// `PACKHORSE_API_PORT`: 0 to 65,535, 8000 by default; 0 takes any free one.
    public static let apiPort = number("PACKHORSE_API_PORT", 0...65_535, default: 8000, by: .enqueue, "The API's port.")
}

extension Setting where Value == Int? {
    /// `PACKHORSE_HTTP_PORT`: 0 to 65,535, 0 takes any free one; nil, the default, for no port at all.
    public static let httpPort = optionalPort(
        "PACKHORSE_HTTP_PORT", by: .worker, "The worker's HTTP port, for /healthz, /readyz and /metrics.")
}

extension Setting where Value == Duration {
    /// `PACKHORSE_GRACE`: 0 to a day, 30 s by default.
    public static let grace = duration(
        "PACKHORSE_GRACE", .zero ... .seconds(86_400), default: "30s", by: .worker,
        "How long running jobs may continue when a worker stops; then they are cancelled and given back.")
    /// `PACKHORSE_LEASE`: 500 ms to 5 minutes, 3.5 s by default.
    public static let lease = duration(
        "PACKHORSE_LEASE", .milliseconds(500) ... .seconds(300), default: "3500ms", by: .worker,
        "How long a worker may be silent before others take over its jobs; it beats every second, or 3 times a lease.")
    /// `PACKHORSE_RETAIN_AGE`: 0 to ten years of 365 days, a day by default.
    public static let retainAge = duration(
        "PACKHORSE_RETAIN_AGE", .zero ... .seconds(3650 * 86_400), default: "24h", by: .worker,
        "How long succeeded, cancelled and expired jobs are kept.")
    /// `PACKHORSE_RETAIN_DEAD_AGE`: 0 to ten years of 365 days, 30 days by default.
    public static let retainDeadAge = duration(
        "PACKHORSE_RETAIN_DEAD_AGE", .zero ... .seconds(3650 * 86_400), default: "30d", by: .worker,
        "How long dead jobs are kept.")
}

extension Setting where Value == LogLevel {
    /// `PACKHORSE_LOG_LEVEL`: `info` by default; upper or lower case.
    public static let logLevel = Setting(
        name: "PACKHORSE_LOG_LEVEL", meaning: "The lowest level of log lines that are written.",
        allowed: "one of \(LogLevel.names)", readers: .both, fallback: .text("info")
    ) { text throws(Refusal) in
        guard let level = LogLevel(rawValue: text.lowercased()) else { throw Refusal() }
        return level
    }
}

extension Setting where Value == LogFormat? {
    /// `PACKHORSE_LOG_FORMAT`: nil, the default, for text on a terminal and JSON elsewhere.
    public static let logFormat = Setting(
        name: "PACKHORSE_LOG_FORMAT", meaning: "The format of log lines on standard error.", allowed: "json or text",
        readers: .both, fallback: .value(nil, described: "text on a terminal, else json")
    ) { text throws(Refusal) in
        guard let format = LogFormat(rawValue: text.lowercased()) else { throw Refusal() }
        return format
    }
}

extension Setting where Value == Secret? {
    /// `PACKHORSE_API_TOKEN`: a secret of 16 to 512 printable ASCII characters; nil, the default, for none.
    public static let apiToken = secret(
        "PACKHORSE_API_TOKEN", 16...512, by: .enqueue, "The bearer token that clients of the API must send.")
}
