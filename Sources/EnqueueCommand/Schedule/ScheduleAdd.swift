internal import ArgumentParser
internal import Enqueue
internal import Programs
internal import Queue
internal import ScheduleFiles

struct ScheduleAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Makes a schedule or changes it, or makes all schedules of a file.",
        discussion: """
            With the same name and queue it changes the schedule; its next tick stays if its times do. With --file, \
            schedules that the same file made before and no longer has are removed.

            Example: enqueue schedule add cards --every 15m --type scryfall.fetch --queue cards --overlap skip
            Example: enqueue schedule add --file schedules.yml
            """)

    @Argument(help: "The schedule's name, 1 to 40 of A-Z a-z 0-9 _ -.")
    var name: String?

    @Option(help: "A YAML file of schedules, instead of everything else.")
    var file: String?

    @OptionGroup var timing: TimingOptions

    @OptionGroup var job: ScheduledJobOptions

    @Option(help: "The job of a tick starts up to this much later, such as 30s.")
    var jitter: String?

    @Option(help: "What becomes of ticks that were missed: none, latest, all, or all:LIMIT.")
    var catchUp: String?

    @Option(help: "While an earlier job has not ended: allow, skip, replace or buffer-one.")
    var overlap: String?

    @Option(help: "Pause it when this many of its jobs died in a row.")
    var pauseAfter: Int?

    @Option(help: "It has no tick after this time: ISO 8601.")
    var until: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if file == nil {
            guard name != nil else { throw ValidationError("Give the schedule's name, or --file FILE.") }
        } else {
            let others = [name, job.type, job.args, job.queue, jitter, catchUp, overlap, until].compactMap { $0 }
            guard others.isEmpty, timing.isEmpty, job.limits.isEmpty, pauseAfter == nil else {
                throw ValidationError("--file FILE takes no name and no other option: all is in the file.")
            }
        }
    }

    func run() async throws {
        if let file { return try await sync(try ScheduleFile(path: file)) }
        let args = try job.args.map { try JobArguments.read($0, limit: NewJob.payloadLimit) }
        let spec = try ScheduleSpec(members: members(args: args))
        try await Session.run { session in
            let change = try await session.enqueue.putSchedule(spec)
            if output.json {
                return Output.json(["change": change.rawValue, "queue": spec.job.queue, "schedule": spec.name])
            }
            Output.line("\(spec.name) of \(spec.job.queue): \(change == .same ? "as before" : change.rawValue)")
        }
    }

    private func sync(_ file: ScheduleFile) async throws {
        try await Session.run { session in
            let sync = try await session.enqueue.syncSchedules(file.specs, from: file.source)
            if output.json { return Output.json(sync) }
            for (what, names) in [("added", sync.added), ("changed", sync.changed), ("removed", sync.removed)] {
                for name in names { Output.line("\(name): \(what)") }
            }
            Output.line("\(file.specs.count) schedules of \(file.source) are in place, \(sync.same.count) as before")
        }
    }

    private func members(args: [UInt8]?) -> [(name: String, value: [UInt8])] {
        func text(_ name: String, _ value: String?) -> (name: String, value: [UInt8])? {
            value.map { (name: name, value: JSONText.string($0)) }
        }
        func number(_ name: String, _ value: Int?) -> (name: String, value: [UInt8])? {
            value.map { (name: name, value: JSONText.number($0)) }
        }
        let limits: (name: String, value: [UInt8])? =
            job.limits.isEmpty ? nil : (name: "limits", value: JSONText.array(job.limits.map(\.json)))
        let others = [
            text("name", name), text("type", job.type), number("version", job.typeVersion),
            args.map { (name: "args", value: $0) }, text("queue", job.queue), text("priority", job.priority),
            text("tenant", job.tenant), limits, text("expires", job.expires), number("maxAttempts", job.maxAttempts),
            text("timeout", job.timeout), text("jitter", jitter), text("catchUp", catchUp), text("overlap", overlap),
            number("pauseAfterFailures", pauseAfter), text("until", until),
        ]
        return timing.members + others.compactMap { $0 }
    }
}

/// What each tick makes.
struct ScheduledJobOptions: ParsableArguments {
    @Option(help: "The type of its jobs, such as document.ingest.")
    var type: String?

    // A negative number is an argument too.
    @Option(parsing: .unconditional, help: "Their arguments: JSON, @FILE, or - for standard input; {} by default.")
    var args: String?

    @Option(help: "The version of their type, 1 to 1000000.")
    var typeVersion: Int?

    @Option(help: "The queue of the schedule and its jobs; 'default' by default.")
    var queue: String?

    @Option(help: "critical, high, default or low.")
    var priority: String?

    @Option(help: "The tenant that owns them.")
    var tenant: String?

    @Option(
        name: .customLong("limit"),
        help: "A job starts only with a permit of this key, KEY or KEY=COST; up to 8 times.",
        transform: Read.limit)
    var limits: [LimitUse] = []

    @Option(help: "A job expires if no worker has started it after this time.")
    var expires: String?

    @Option(help: "How many failed attempts end a job, 1 to 1000; the default is the type's.")
    var maxAttempts: Int?

    @Option(help: "The time limit of one attempt; the default is the type's.")
    var timeout: String?
}
