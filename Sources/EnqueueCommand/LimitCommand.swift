internal import ArgumentParser
internal import Enqueue
internal import Programs
internal import Queue

/// Limits of keys: how often and how many at once jobs with a key start.
struct LimitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract: "Shows and sets limits: how often, and how many at once, jobs with a key start.",
        discussion: "Example: enqueue limit set scryfall --every 100ms --at-once 2",
        subcommands: [LimitList.self, LimitSet.self, LimitRemove.self])
}

struct LimitList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the keys that have limits, and those that jobs wait for.",
        discussion: "Example: enqueue limit list --queue ocr --json | jq -r 'select(.parked > 0) | .key'")

    @OptionGroup var target: QueueTarget

    func run() async throws {
        try await Session.run { session in
            let limits = try await session.enqueue.queue(target.queue).limits()
            if target.output.json { return limits.forEach { Output.line($0.json) } }
            guard !limits.isEmpty else { return Output.note("no key of \(target.queue) has limits or waiting jobs") }
            var table = Table("key", "limits", "running", "waiting", "")
            for limit in limits {
                table.row(
                    limit.name, limit.limit?.text ?? "none of its own", "\(limit.running)", "\(limit.parked)",
                    limit.pausedUntil.map { "paused until " + ISOTime.text($0) } ?? "")
            }
            table.lines.forEach(Output.line)
        }
    }
}

struct LimitSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Sets the limits of a key, in place of those that it has.",
        discussion: """
            A key is what jobs name with `enqueue add --limit KEY`. 'tenant:*' stands for all keys that begin with \
            tenant: and have no limits of their own, '*' for all keys without a colon.

            Example: enqueue limit set scryfall --every 100ms
            Example: enqueue limit set 'tenant:*' --count 60 --per 1m --at-once 2
            """)

    @Argument(help: "The key, 1 to 128 bytes.")
    var key: String

    @Option(help: "One permit each time this long has passed, 1ms to 1d.", transform: Read.duration)
    var every: Duration?

    @Option(help: "With --every: up to this many permits at once after a pause; 1 by default.")
    var burst: Int?

    @Option(help: "With --per: at most this many permits, 1 to 100000.")
    var count: Int?

    @Option(help: "With --count: within any time of this length, 1ms to 1d.", transform: Read.duration)
    var per: Duration?

    @Option(help: "At most this many jobs with the key run at once, in all workers.")
    var atOnce: Int?

    @Option(help: "At most this many jobs wait for the key; further ones are refused when they are enqueued.")
    var maxWaiting: Int?

    @OptionGroup var target: QueueTarget

    func validate() throws {
        guard every == nil || count == nil && per == nil else {
            throw ValidationError("--every excludes --count and --per: a key has one rate.")
        }
        guard (count == nil) == (per == nil) else {
            throw ValidationError("--count and --per go together: at most COUNT permits within PER.")
        }
        guard burst == nil || every != nil else { throw ValidationError("--burst needs --every.") }
        guard every != nil || count != nil || atOnce != nil || maxWaiting != nil else {
            throw ValidationError("Give a limit: --every, --count with --per, --at-once or --max-waiting.")
        }
    }

    func run() async throws {
        var limit = Limit(atOnce: atOnce, maxWaiting: maxWaiting)
        if let every { limit.rate = .spaced(every, burst: burst ?? 1) }
        if let count, let per { limit.rate = .window(count, per: per) }
        try await Session.run { [limit] session in
            let queue = session.enqueue.queue(target.queue)
            try await queue.register()
            try await queue.setLimit(key, to: limit)
            if target.output.json { return Output.line(LimitStats(name: key, limit: limit).limitJSON) }
            Output.line("\(key) of \(target.queue): \(limit.text)")
        }
    }
}

struct LimitRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Removes the limits of a key, and a pause with them. Jobs that wait for it are free at once.",
        discussion: "Example: enqueue limit remove scryfall")

    @Argument(help: "The key.")
    var key: String

    @OptionGroup var target: QueueTarget

    func run() async throws {
        try await Session.run { session in
            try await session.enqueue.queue(target.queue).removeLimit(key)
            if target.output.json { return Output.line(LimitStats(name: key, limit: nil).limitJSON) }
            Output.line("\(key) of \(target.queue) has no limits of its own")
        }
    }
}

extension Limit {
    /// In words: `every 100ms, 2 at once`.
    fileprivate var text: String {
        var parts: [String] = []
        switch rate {
        case .spaced(let interval, let burst):
            parts.append("every \(interval.text)")
            if burst > 1 { parts.append("burst of \(burst)") }
        case .window(let count, let time): parts.append("\(count) per \(time.text)")
        case nil: break
        }
        if let atOnce { parts.append("\(atOnce) at once") }
        if let maxWaiting { parts.append("at most \(maxWaiting) waiting") }
        return parts.joined(separator: ", ")
    }
}
