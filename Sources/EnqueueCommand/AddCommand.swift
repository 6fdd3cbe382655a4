internal import ArgumentParser
internal import Enqueue
internal import Foundation
internal import Programs
internal import Queue
internal import Settings

struct AddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Adds a job, or many equal ones.",
        discussion: """
            Prints the id of each job; with --count above 1000 a summary instead, unless --json is given. If a job \
            already holds the --key, nothing is stored and that job's id is printed; standard error says which it was. \
            With --debounce, a job that still waits for the same key is replaced and its id is printed.

            Example: enqueue add document.ingest --args @job.json --queue ocr --key i17
            """)

    @Argument(help: "The job's type, such as document.ingest.")
    var type: String

    // A negative number is an argument too.
    @Option(parsing: .unconditional, help: "Its arguments: JSON, @FILE, or - for standard input. At most 1 MiB.")
    var args = "{}"

    @Option(help: "The version of its type, 1 to 1000000; workers that know only lower ones leave it to others.")
    var typeVersion = 1

    @Option(help: "The queue to add it to.")
    var queue = QueueName.default.text

    @Option(help: "critical, high, default or low.")
    var priority = Priority.default.name

    @Option(name: .customLong("in"), help: "Start after this long: 250ms, 10s, 5m, 1h, 7d.", transform: Read.duration)
    var delay: Duration?

    @Option(help: "Start at this time: ISO 8601, such as 2031-05-04T12:00:00Z.")
    var at: String?

    @OptionGroup var uniqueness: UniqueOptions

    @Option(help: "It expires if no worker has started it after this time.", transform: Read.duration)
    var expires: Duration?

    @Option(help: "How many failed attempts end it, 1 to 1000; the default is the type's.")
    var maxAttempts: Int?

    @Option(help: "The time limit of one attempt; the default is the type's.", transform: Read.duration)
    var timeout: Duration?

    @Option(help: "The tenant that owns the job.")
    var tenant: String?

    @Option(
        name: .customLong("limit"), help: "It starts only with a permit of this key, KEY or KEY=COST; up to 8 times.",
        transform: Read.limit)
    var limits: [LimitUse] = []

    @OptionGroup var order: OrderOptions

    @Option(help: "A W3C traceparent that is stored with the job.")
    var traceparent: String?

    @Option(help: "Add this many, 1 to 10000000.")
    var count = 1

    @Flag(help: "Wait until they have ended.")
    var wait = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...10_000_000).contains(count) else { throw ValidationError("--count \(count): use 1 to 10000000.") }
        try uniqueness.check(count: count)
        guard !wait || count <= 100_000 else { throw ValidationError("--wait takes at most 100000 jobs.") }
    }

    func run() async throws {
        let settings = Settings()
        let limit = try settings[.payloadLimit]
        var spec = JobSpec(type: type)
        spec.version = typeVersion
        spec.queue = queue
        spec.priority = priority
        spec.delay = delay
        spec.runAt = at
        spec.expires = expires
        spec.maxAttempts = maxAttempts
        spec.timeout = timeout
        uniqueness.apply(to: &spec)
        spec.tenant = tenant
        spec.limits = limits
        order.apply(to: &spec)
        spec.args = try JobArguments.read(args, limit: limit)
        // Refuses what is invalid before anything is sent.
        let first = try spec.job(traceparent: traceparent, limit: limit)
        try await Session.run(settings) { session in
            if count == 1 { try await add(first, session) } else { try await addMany(first, session) }
        }
    }

    private func add(_ job: NewJob, _ session: Session) async throws {
        let outcome = try await session.enqueue.add(job)
        let isNew = outcome == .stored(job.id)
        if let note = uniqueness.note(isNew: isNew), !output.json || wait { Output.note(note) }
        if !output.json {
            Output.line(outcome.id.text)
        } else if !wait {
            // The existing job that holds the key may be of another type.
            let type = isNew ? type : try await session.enqueue.status(outcome.id).body?.type
            Output.json(Added(outcome, type: type, queue: job.queue))
        }
        if wait { try await Waiting(session, json: output.json).end(of: outcome.id) }
    }

    /// A thousand per write. The loop's memory does not grow with the count unless the command waits for the jobs.
    private func addMany(_ first: NewJob, _ session: Session) async throws {
        let bar = ProgressBar()
        let start = ContinuousClock.now
        var done = 0
        var ids: [JobID] = []
        let watch = session.enqueue.watch()
        var next: NewJob? = first
        while done < count {
            var batch: [NewJob] = []
            for _ in 0..<min(Queue.batchLimit, count - done) {
                batch.append(next ?? first.copy())
                next = nil
            }
            do {
                try Task.checkCancellation()
                if wait { try await watch.add(batch.map(\.id)) }
                _ = try await session.enqueue.add(all: batch)
            } catch {
                bar.clear()
                if done > 0 { Output.note("\(done) of \(count) jobs were stored before this") }
                throw error
            }
            done += batch.count
            bar.show(done, of: count, note: "added")
            if wait { ids += batch.map(\.id) }
            if output.json, !wait {
                for job in batch { Output.json(Added(.stored(job.id), type: type, queue: job.queue)) }
            } else if count <= 1000, !output.json {
                for job in batch { Output.line(job.id.text) }
            }
        }
        bar.clear()
        if count > 1000, !output.json {
            let seconds = max(start.duration(to: .now) / .seconds(1), 0.001)
            Output.line(
                "added \(count) jobs to \(first.queue) in \(seconds.text) s (\(Int(Double(count) / seconds)) a second)")
        }
        if wait { try await Waiting(session, json: output.json).end(of: ids, heardBy: watch) }
    }
}

/// What `add --json` prints.
private struct Added: Encodable {
    let id: String
    /// Nil if the job is already forgotten.
    let type: String?
    let queue: String
    /// False if the id is that of an existing job.
    let stored: Bool

    init(_ outcome: Enqueued, type: String?, queue: QueueName) {
        id = outcome.id.text
        self.type = type
        self.queue = queue.text
        if case .stored = outcome { stored = true } else { stored = false }
    }
}
