internal import Enqueue
internal import Hummingbird
internal import PrometheusText
internal import Queue

/// Answers for probes and Prometheus.
struct OperatorRoutes: Sendable {
    let readiness: Readiness
    let metrics: RequestMetrics
    let stats: StatsCache

    /// The process answers: that is all that a restart could repair.
    @Sendable func healthz(_ request: Request, _ context: ConnectionContext) -> Response {
        Self.answer(#"{"status":"ok"}"# + "\n", type: "application/json")
    }

    /// Redis answers within a second. The body lists the problems of the server.
    @Sendable func readyz(_ request: Request, _ context: ConnectionContext) async throws -> Response {
        guard await readiness.redisAnswers() else { throw Problem.unreachable }
        let concerns = await readiness.concerns().map { JSONText.string($0.description) }
        let json = JSONText.object([("ready", JSONText.flag(true)), ("concerns", JSONText.array(concerns))])
        return Self.answer(String(decoding: json, as: UTF8.self) + "\n", type: "application/json")
    }

    @Sendable func metricsText(_ request: Request, _ context: ConnectionContext) async -> Response {
        var text = MetricsText()
        metrics.write(to: &text)
        // Checked first, because the jobs' connection waits for a reconnect longer than Prometheus does.
        let numbers = await readiness.redisAnswers() ? try? await stats.current() : nil
        text.single("packhorse_redis_up", .gauge, "1 if Redis gave the numbers below.", numbers == nil ? 0 : 1)
        if let numbers {
            text.concerns(await readiness.concerns().map(\.name), of: ServerConcern.names)
            Self.write(numbers.stats, to: &text)
            Self.write(numbers.schedules, to: &text)
            Self.write(numbers.limits, to: &text)
        }
        return Self.answer(text.text, type: MetricsText.contentType)
    }

    private static func write(_ stats: Stats, to text: inout MetricsText) {
        text.family("packhorse_queue_jobs", .gauge, "Jobs in a state now.")
        for queue in stats.queues {
            let counts = [
                ("scheduled", queue.scheduled), ("queued", queue.queued), ("running", queue.running),
                ("retrying", queue.retrying), ("succeeded", queue.succeeded), ("dead", queue.dead),
                ("cancelled", queue.cancelled), ("expired", queue.expired),
            ]
            for (state, count) in counts {
                text.sample("packhorse_queue_jobs", ["queue": queue.name, "state": state], Double(count))
            }
        }
        func gauge(_ name: String, _ help: String, _ value: (QueueStats) -> Double) {
            text.family(name, .gauge, help)
            for queue in stats.queues { text.sample(name, ["queue": queue.name], value(queue)) }
        }
        gauge("packhorse_queue_oldest_seconds", "Age of the oldest job at a list's head.") { $0.oldestQueuedSeconds }
        gauge("packhorse_queue_unclaimed", "Queued jobs whose type no worker knows so far.") { Double($0.unclaimed) }
        gauge("packhorse_jobs_awaiting", "Scheduled jobs that wait for a signal.") { Double($0.awaiting) }
        gauge("packhorse_queue_damaged", "1 if a key of the queue has the wrong type.") { $0.damaged ? 1 : 0 }
        gauge("packhorse_queue_paused", "1 while the queue hands out nothing.") { $0.paused ? 1 : 0 }
        gauge("packhorse_queue_parked", "Queued jobs that wait for a limit or to be collected.") { Double($0.parked) }
        gauge("packhorse_sequences", "Sequences in which a job has its turn.") { Double($0.sequences) }
        gauge("packhorse_sequences_halted", "Sequences that a dead job has halted.") { Double($0.halted) }
        gauge("packhorse_queue_following", "Queued jobs that wait for their turn in a sequence.") {
            Double($0.following)
        }
        gauge("packhorse_queue_tenants", "Tenants with ready jobs.") { Double($0.tenants) }
        gauge("packhorse_schedules", "Schedules of the queue.") { Double($0.schedules) }
        gauge("packhorse_ticks_overdue", "Ticks that are due and have made no job.") { Double($0.ticksOverdue) }
        gauge("packhorse_tick_overdue_seconds", "Age of the oldest of these ticks.") { $0.oldestTickSeconds }
        text.single("packhorse_workers", .gauge, "Workers with a lease.", Double(stats.workers.count))
    }

    private static func write(_ schedules: [Schedule], to text: inout MetricsText) {
        let name = "packhorse_schedule_next_tick_seconds"
        text.family(name, .gauge, "Time of a schedule's next tick, in seconds since 1970; none while it is paused.")
        for schedule in schedules {
            guard let tick = schedule.nextTick else { continue }
            text.sample(name, ["queue": schedule.queue.text, "schedule": schedule.name], Double(tick) / 1000)
        }
    }

    private static func write(_ limits: [(queue: String, keys: [LimitStats])], to text: inout MetricsText) {
        func gauge(_ name: String, _ help: String, _ value: (LimitStats) -> Int) {
            text.family(name, .gauge, help)
            for (queue, keys) in limits {
                for key in keys { text.sample(name, ["queue": queue, "key": key.name], Double(value(key))) }
            }
        }
        gauge("packhorse_limit_parked", "Jobs that wait for a limit, by key; at most 100 keys a queue.") { $0.parked }
        gauge("packhorse_limit_running", "Jobs that run, by key; at most 100 keys a queue.") { $0.running }
    }

    private static func answer(_ text: String, type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
