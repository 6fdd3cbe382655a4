internal import ArgumentParser
internal import Enqueue
internal import Foundation
internal import Programs
internal import Queue

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Looks for damage in Redis: jobs in no place or in two, claims without a worker, wrong counts.",
        discussion: """
            Reads only, and page by page, so it may be run while workers work. Prints one line for each finding and ends \
            with 1 if there are any.

            Example: enqueue verify --json
            """)

    @Option(help: "Only this queue; all by default.", transform: Read.queue)
    var queue: QueueName?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Session.run { session in
            let queues = if let queue { [session.enqueue.queue(queue)] } else { try await session.enqueue.queues() }
            var count = 0
            for concern in await ServerCheck.concerns(of: session.url) {
                Output.note("warning: \(concern)")
            }
            for queue in queues {
                try Task.checkCancellation()
                let findings = try await queue.verify()
                count += findings.count
                for finding in findings {
                    if output.json {
                        Output.json(Found(queue: queue.name.text, finding))
                    } else {
                        Output.line("\(queue.name): \(Output.plain(finding.description))")
                    }
                }
            }
            guard count == 0 else {
                throw Failure.failed(
                    "\(count) findings in \(queues.count) queues: somebody changed keys by hand, or this is a bug.")
            }
            if !output.json { Output.line("no findings in \(queues.count) queues") }
        }
    }

    /// What `--json` prints for a finding.
    private struct Found: Encodable {
        let queue: String
        let kind: VerifyFinding.Kind
        let id: String?
        let key: String?
        let detail: String

        init(queue: String, _ finding: VerifyFinding) {
            self.queue = queue
            kind = finding.kind
            id = finding.id
            key = finding.key
            detail = finding.detail
        }
    }
}
