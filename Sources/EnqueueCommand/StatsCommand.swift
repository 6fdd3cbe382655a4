internal import ArgumentParser
internal import Enqueue
internal import Foundation
internal import Programs
internal import Queue

struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Counts jobs by queue and state, and shows the workers.",
        discussion: "Example: enqueue stats --json | jq '.queues[] | {name, queued}'")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Session.run { session in
            let stats = try await session.enqueue.stats()
            if output.json { Output.line(try stats.json()) } else { StatsText(stats).lines.forEach(Output.line) }
        }
    }
}

struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows queues and workers live, redrawn every second.",
        discussion: """
            On a terminal, q or Ctrl-C ends it. With --json it prints a line like that of stats for each refresh.

            Example: enqueue top --json --count 10
            """)

    @Option(help: "End after this many refreshes.")
    var count: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard count.map({ $0 >= 1 }) ?? true else { throw ValidationError("--count: use 1 or more.") }
    }

    func run() async throws {
        try await Session.run { session in
            let live = !output.json && Terminal.isOne(.standardOutput)
            let keys = live ? Keys() : nil
            var before: (stats: Stats, at: ContinuousClock.Instant)?
            var drawn = 0
            while true {
                let stats = try await session.enqueue.stats()
                let now = ContinuousClock.now
                if output.json {
                    Output.line(try stats.json())
                } else {
                    let text = StatsText(stats, since: before.map { ($0.stats, $0.at.duration(to: now)) }).lines
                    if live { draw(text) } else { text.forEach(Output.line) }
                }
                before = (stats, now)
                drawn += 1
                if drawn == count { return }
                if try await quits(keys, by: now + .seconds(1)) { return }
            }
        }
    }

    /// Draws over the last screen without flicker: each line is cleared as it is written.
    private func draw(_ lines: [String]) {
        let fitting = lines.prefix(Terminal.rows - 1)
        Terminal.write("\u{1B}[H" + fitting.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J", to: .standardOutput)
    }

    private func quits(_ keys: Keys?, by deadline: ContinuousClock.Instant) async throws -> Bool {
        while .now < deadline {
            if keys?.sayQuit == true { return true }
            try await Task.sleep(for: .milliseconds(100))  // how soon a key is noticed
        }
        return false
    }
}

/// `Stats` for people.
struct StatsText {
    let lines: [String]

    /// - Parameter since: earlier numbers and their age, to show rates.
    init(_ stats: Stats, since: (stats: Stats, ago: Duration)? = nil) {
        var queues = Table(
            "queue", "scheduled", "queued", "running", "retrying", "succeeded", "dead", "oldest", "added/s", "done/s",
            "")
        for queue in stats.queues {
            let before = since?.stats.queues.first { $0.name == queue.name }
            func rate(_ count: (QueueStats) -> Int) -> String {
                guard let before, let since else { return "" }
                return "\(Int((Double(count(queue) - count(before)) / (since.ago / .seconds(1))).rounded()))"
            }
            let remarks = [
                queue.damaged ? "damaged: see `enqueue verify`" : nil, queue.paused ? "paused" : nil,
                queue.awaiting > 0 ? "\(queue.awaiting) await a signal" : nil,
                queue.parked > 0 ? "\(queue.parked) wait for a limit or to be collected" : nil,
                queue.following > 0 ? "\(queue.following) wait for their turn in a sequence" : nil,
                queue.halted > 0 ? "\(queue.halted) sequences are halted" : nil,
                queue.unclaimed > 0 ? "\(queue.unclaimed) of types that no worker knows" : nil,
            ]
            queues.row(
                queue.name, "\(queue.scheduled)", "\(queue.queued)", "\(queue.running)", "\(queue.retrying)",
                "\(queue.succeeded)", "\(queue.dead)", queue.oldestQueuedSeconds.text + " s",
                rate(\.totals.enqueued), rate(\.totals.succeeded), remarks.compactMap { $0 }.joined(separator: ", "))
        }
        var workers = Table("worker", "running", "of", "memory", "version", "queues")
        for worker in stats.workers {
            workers.row(
                worker.id, "\(worker.running)", "\(worker.concurrency)", "\(worker.rssBytes >> 20) MiB", worker.version,
                worker.queues.joined(separator: " "))
        }
        lines =
            (stats.queues.isEmpty ? ["no queue has been used yet"] : queues.lines)
            + stats.queues.compactMap { Self.schedules(of: $0) } + [""]
            + (stats.workers.isEmpty ? ["no worker is running"] : workers.lines)
    }

    /// A line for a queue that has schedules.
    private static func schedules(of queue: QueueStats) -> String? {
        guard queue.schedules > 0 else { return nil }
        let ticks =
            queue.ticksOverdue == 0
            ? "no tick is overdue"
            : "\(queue.ticksOverdue) overdue by up to \(queue.oldestTickSeconds.text) s: does a worker serve the queue?"
        return "schedules of \(queue.name): \(queue.schedules), \(ticks)"
    }
}

extension Double {
    /// With one decimal.
    var text: String {
        formatted(.number.precision(.fractionLength(1)).grouping(.never).locale(Locale(identifier: "en_US_POSIX")))
    }
}
