internal import ArgumentParser
internal import Enqueue
internal import Foundation
internal import Programs
internal import Queue
internal import ScheduleFiles

struct ScheduleCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks a file of schedules; Redis is not asked.",
        discussion: """
            Prints each mistake with its line and ends with 2, or prints the next tick of each schedule. With --json, a \
            line per mistake, or per schedule.

            Example: enqueue schedule check schedules.yml
            """)

    @Argument(help: "The YAML file.")
    var file: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let checked: ScheduleFile
        do throws(ScheduleFileError) {
            checked = try ScheduleFile(path: file)
        } catch {
            for problem in error.problems {
                if output.json {
                    Output.json(Found(file: error.source, problem))
                } else {
                    Output.line(Output.plain(error.line(of: problem)))
                }
            }
            let count = error.problems.count
            throw Failure.usage("\(error.source) has \(count == 1 ? "a mistake" : "\(count) mistakes").")
        }
        let now = Int(Date().timeIntervalSince1970 * 1000)
        if !output.json { Output.line("\(checked.source): \(checked.specs.count) schedules, no mistakes") }
        var table = Table("schedule", "queue", "ticks", "next tick")
        for spec in checked.specs {
            let next = spec.next(after: now).map(ISOTime.text)
            if output.json {
                Output.json(Fine(schedule: spec.name, queue: spec.job.queue, nextTick: next))
            } else {
                table.row(spec.name, spec.job.queue, spec.timingText, next ?? "none")
            }
        }
        if !output.json, !checked.specs.isEmpty { table.lines.forEach(Output.line) }
    }

    private struct Found: Encodable {
        let file: String
        let line: Int?
        let schedule: String?
        let message: String

        init(file: String, _ problem: ScheduleFileError.Problem) {
            self.file = file
            line = problem.line
            schedule = problem.schedule
            message = problem.message
        }
    }

    private struct Fine: Encodable {
        let schedule: String
        let queue: String
        let nextTick: String?
    }
}
