internal import ArgumentParser
internal import Enqueue
internal import Foundation
internal import Programs
internal import Queue

struct ScheduleNext: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Prints the next ticks of a schedule, or of an expression that is not stored.",
        discussion: """
            Each line is a time in UTC and on the clocks of the schedule's zone. With --cron or --every, Redis is not asked.

            Example: enqueue schedule next nightly --count 5
            Example: enqueue schedule next --cron '30 2 * * sun' --zone Europe/Vienna
            """)

    @Argument(help: "The schedule's name.")
    var name: String?

    @Option(help: "Its queue; needed if several queues have a schedule of this name.", transform: Read.queue)
    var queue: QueueName?

    @OptionGroup var timing: TimingOptions

    @Option(help: "How many ticks, 1 to 1000.")
    var count = 5

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard ScheduleSpec.tickLimits.contains(count) else { throw ValidationError("--count \(count): use 1 to 1000.") }
        guard (name == nil) != timing.isEmpty else {
            throw ValidationError("Give either the name of a schedule, or --cron or --every.")
        }
    }

    func run() async throws {
        guard let name else { return show(try ScheduleSpec(members: timing.members + ScheduleNext.anyJob)) }
        try await Session.run { session in
            let schedule = try await session.enqueue.schedule(name, in: queue)
            guard let spec = schedule.spec else {
                throw Failure.failed("the schedule '\(name)' can't be read here: a newer version wrote it.")
            }
            if schedule.pause != nil { Output.note("'\(name)' is paused: these ticks make no jobs") }
            show(spec)
        }
    }

    /// What a schedule needs besides its times.
    private static var anyJob: [(name: String, value: [UInt8])] {
        [("name", JSONText.string("any")), ("type", JSONText.string("any"))]
    }

    private func show(_ spec: ScheduleSpec) {
        let ticks = spec.ticks(after: Int(Date().timeIntervalSince1970 * 1000), count: count)
        for tick in ticks {
            if output.json {
                Output.json(["utc": ISOTime.text(tick), "local": spec.localText(tick), "zone": spec.zoneName])
            } else {
                Output.line("\(ISOTime.text(tick))  \(spec.localText(tick)) \(spec.zoneName)")
            }
        }
        if ticks.isEmpty { Output.note("there is no further tick") }
    }
}

/// When a schedule ticks.
struct TimingOptions: ParsableArguments {
    @Option(help: "Five fields: minute, hour, day of month, month, day of week; or @daily and the like.")
    var cron: String?

    @Option(help: "The IANA zone of --cron, such as Europe/Vienna; UTC by default.")
    var zone: String?

    @Option(help: "Whether --cron ticks 'once' or 'twice' in the hour that comes twice.")
    var repeatedHour: String?

    @Option(help: "Instead of --cron: an interval such as 15m, 1s to 366d.")
    var every: String?

    @Option(help: "The first tick of --every, ISO 8601; 1970 by default.")
    var from: String?

    /// The fields that are given, as in `ScheduleSpec`.
    var members: [(name: String, value: [UInt8])] {
        [("cron", cron), ("zone", zone), ("repeatedHour", repeatedHour), ("every", every), ("from", from)]
            .compactMap { name, text in text.map { (name: name, value: JSONText.string($0)) } }
    }

    var isEmpty: Bool { members.isEmpty }
}
