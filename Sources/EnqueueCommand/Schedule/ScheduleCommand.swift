internal import ArgumentParser
internal import Enqueue
internal import Programs
internal import Queue

/// Schedules make jobs at times of their own.
struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Makes, shows and changes schedules, which make jobs at their times.",
        discussion: "Example: enqueue schedule add nightly --cron '0 3 * * *' --zone Europe/Vienna --type backup.run",
        subcommands: [
            ScheduleList.self, ScheduleAdd.self, ScheduleRemove.self, SchedulePause.self, ScheduleResume.self,
            ScheduleRun.self, ScheduleNext.self, ScheduleCheck.self,
        ])
}

struct ScheduleList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the schedules of all queues.",
        discussion: """
            With --json it prints each schedule with all of its fields and counts.

            Example: enqueue schedule list --json | jq -r 'select(.paused) | .name'
            """)

    @Option(help: "Only this queue; all by default.", transform: Read.queue)
    var queue: QueueName?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Session.run { session in
            let schedules =
                if let queue {
                    try await session.enqueue.queue(queue).schedules()
                } else {
                    try await session.enqueue.schedules()
                }
            if output.json { return schedules.forEach { Output.line($0.json) } }
            guard !schedules.isEmpty else { return Output.note("there is no schedule") }
            var table = Table("schedule", "queue", "ticks", "next tick", "last job", "")
            for schedule in schedules {
                table.row(
                    schedule.name, schedule.queue.text, schedule.spec?.timingText ?? "of a newer version",
                    schedule.nextTick.map(ISOTime.text) ?? "none", schedule.last?.state.rawValue ?? "none",
                    schedule.remark)
            }
            table.lines.forEach(Output.line)
        }
    }
}

extension Schedule {
    /// What a person should know beyond the columns.
    fileprivate var remark: String {
        let paused: String? =
            switch pause {
            case nil: nil
            case .operator: "paused"
            case .failures: "paused after \(failures) failures"
            }
        return [paused, buffered.map { "\($0) waits for the last job" }].compactMap { $0 }.joined(separator: ", ")
    }
}

/// A schedule in Redis, by its name.
struct ScheduleTarget: ParsableArguments {
    @Argument(help: "The schedule's name.")
    var name: String

    @Option(help: "Its queue; needed if several queues have a schedule of this name.", transform: Read.queue)
    var queue: QueueName?

    @OptionGroup var output: OutputOptions
}

struct ScheduleRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Removes a schedule. The jobs that it has made stay.",
        discussion: "Example: enqueue schedule remove nightly")

    @OptionGroup var target: ScheduleTarget

    func run() async throws {
        try await Session.run { session in
            let queue = try await session.enqueue.queue(ofSchedule: target.name, in: target.queue)
            let removed = try await queue.removeSchedule(target.name)
            if target.output.json {
                return Output.json(Removed(schedule: target.name, queue: queue.name.text, removed: removed))
            }
            Output.line("\(target.name) of \(queue.name) is removed")
        }
    }

    private struct Removed: Encodable {
        let schedule: String
        let queue: String
        let removed: Bool
    }
}

struct SchedulePause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Stops a schedule's ticks. The jobs that it has made stay.",
        discussion: "Example: enqueue schedule pause nightly")

    @OptionGroup var target: ScheduleTarget

    func run() async throws { try await target.set(paused: true) }
}

struct ScheduleResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Resumes a paused schedule; ticks that fell into the pause are left out.",
        discussion: "Example: enqueue schedule resume nightly")

    @OptionGroup var target: ScheduleTarget

    func run() async throws { try await target.set(paused: false) }
}

extension ScheduleTarget {
    private struct Answer: Encodable {
        let schedule: String
        let queue: String
        let paused: Bool
        let changed: Bool
    }

    fileprivate func set(paused: Bool) async throws {
        try await Session.run { session in
            let queue = try await session.enqueue.queue(ofSchedule: name, in: self.queue)
            let changed = try await paused ? queue.pauseSchedule(name) : queue.resumeSchedule(name)
            if output.json {
                return Output.json(Answer(schedule: name, queue: queue.name.text, paused: paused, changed: changed))
            }
            Output.line("\(name) is \(paused ? "paused" : "not paused")\(changed ? "" : ", as before")")
        }
    }
}

struct ScheduleRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Makes a schedule's job now. Its next tick stays.",
        discussion: """
            The schedule's overlap rule applies. Prints the job's id and what became of it: started, buffered (it starts \
            when the schedule's earlier job has ended), or skipped; then it ends with 1.

            Example: enqueue schedule run nightly
            """)

    @OptionGroup var target: ScheduleTarget

    func run() async throws {
        try await Session.run { session in
            let queue = try await session.enqueue.queue(ofSchedule: target.name, in: target.queue)
            let (id, outcome) = try await queue.runSchedule(target.name)
            if target.output.json {
                Output.json([
                    "id": id.text, "outcome": outcome.rawValue, "queue": queue.name.text, "schedule": target.name,
                ])
            } else if outcome != .skipped {
                Output.line("\(id) \(outcome.rawValue)")
            }
            if outcome == .skipped { throw Failure.failed(TickOutcome.skippedText(target.name)) }
        }
    }
}
