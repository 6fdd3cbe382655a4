import Figures

/// All figures with their names, and the measurements that produce them.
///
/// A measurement produces named samples. A figure is the median of one of them, shown beside the medians of others.
enum Catalog {
    struct Entry: Sendable {
        let name: String
        let unit: String
        var wanted: Wanted?
        /// Name in the output line → sample.
        var beside: [(name: String, sample: String)] = []

        var samples: [String] { [name] + beside.map(\.sample) }

        func figure(from samples: [String: [Double]], command: String) -> Figure {
            Figure(
                name, samples[name] ?? [], unit: unit, wanted: wanted,
                beside: beside.map { ($0.name, samples[$0.sample]?.median) }, command: command)
        }
    }

    /// One measurement; all its samples are taken at the same time.
    struct Part: Sendable {
        let name: String
        let gives: Set<String>
        var isPeer = false
        let measure: @Sendable (Session) async throws -> [String: Double]
    }

    static let parts: [Part] =
        Enqueueing.parts + Ceilings.parts + [Handover.part] + Drain.parts + Idle.parts + Peer.all.flatMap(\.parts)
        + Flow.parts

    static let entries: [Entry] = [
        Entry(
            name: "enqueue_bulk", unit: "jobs/s", wanted: .atLeast(300_000),
            beside: [("redis_ceiling", "ceiling_enqueue"), ("redis_benchmark_lpush", "lpush")]
                + peers("enqueue_bulk")),
        Entry(
            name: "enqueue_single_256", unit: "jobs/s", wanted: .atLeast(120_000),
            beside: [("redis_ceiling", "ceiling_enqueue"), ("redis_benchmark_lpush", "lpush")]),
        Entry(
            name: "enqueue_single_1", unit: "jobs/s",
            beside: [("redis_ping_round_trips", "ping_rate")] + peers("enqueue_single_1")),
        Entry(
            name: "drain_noop_1_worker", unit: "jobs/s", wanted: .atLeast(130_000),
            beside: [("redis_ceiling", "ceiling_drain"), ("with_start_up", "drain_1_wall")] + peers("drain_1")),
        Entry(
            name: "drain_noop_2_workers", unit: "jobs/s", wanted: .atLeast(130_000),
            beside: [("redis_ceiling", "ceiling_drain"), ("with_start_up", "drain_2_wall")] + peers("drain_2")),
        Entry(
            name: "drain_noop_1_worker_everysec", unit: "jobs/s", wanted: .atLeast(110_000),
            beside: [("redis_ceiling", "ceiling_drain_everysec"), ("with_start_up", "drain_everysec_wall")]
                + peers("drain_everysec")),
        Entry(
            name: "drain_noop_2_workers_everysec", unit: "jobs/s", wanted: .atLeast(110_000),
            beside: [("redis_ceiling", "ceiling_drain_everysec"), ("with_start_up", "drain_2_everysec_wall")]),
        Entry(
            name: "drain_typed_1_worker", unit: "jobs/s",
            beside: [("redis_ceiling", "ceiling_drain"), ("with_start_up", "drain_typed_wall")]),
        Entry(
            name: "start_latency_p50_ms", unit: "ms", wanted: .below(0.4),
            beside: [("lpush_to_brpop", "handover_p50_ms")] + peers("start_latency_p50_ms")),
        Entry(
            name: "start_latency_p99_ms", unit: "ms", wanted: .below(2),
            beside: [("lpush_to_brpop", "handover_p99_ms")] + peers("start_latency_p99_ms")),
        Entry(
            name: "cancel_latency_p50_ms", unit: "ms", wanted: .below(100), beside: [("redis_ping_p50", "ping_p50_ms")]),
        Entry(
            name: "cancel_latency_p99_ms", unit: "ms", wanted: .below(100), beside: [("redis_ping_p99", "ping_p99_ms")]),
        Entry(
            name: "idle_commands_per_second", unit: "commands/s", wanted: .atMost(2),
            beside: [("inside_scripts", "idle_inner_commands_per_second")] + peers("idle_commands_per_second")),
        Entry(name: "idle_cpu_percent", unit: "% of a core", beside: peers("idle_cpu_percent")),
        Entry(name: "rss_idle_mb", unit: "MB", wanted: .below(30), beside: peers("rss_idle_mb")),
        Entry(name: "rss_peak_mb", unit: "MB", beside: peers("rss_peak_mb")),
        Entry(
            name: "worker_cpu_us_per_job", unit: "µs",
            beside: [("everysec", "worker_cpu_everysec"), ("typed", "worker_cpu_typed")]
                + peers("worker_cpu_us_per_job")),
        Entry(
            name: "redis_cpu_us_per_job", unit: "µs",
            beside: [("redis_ceiling", "ceiling_redis_cpu"), ("everysec", "redis_cpu_everysec")]
                + peers("redis_cpu_us_per_job")),
        Entry(
            name: "redis_commands_per_job", unit: "commands",
            beside: [("sent_by_worker", "sent_commands_per_job")] + peers("redis_commands_per_job")),
    ]

    private static func peers(_ sample: String) -> [(name: String, sample: String)] {
        Peer.all.map { ($0.name, "\($0.name).\(sample)") }
    }
}
