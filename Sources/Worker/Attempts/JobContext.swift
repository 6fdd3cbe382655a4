internal import Foundation
public import Logging
public import Queue

/// What a running job can read and report.
public struct JobContext: Sendable {
    let running: Attempt

    /// The running job.
    public var id: JobID { running.claim.id }
    /// The name of its type, as it was stored.
    public var type: String { running.body.type }
    /// 1 for the first; also counts attempts that were given back.
    public var attempt: Int { running.claim.attempt }
    /// Failed attempts before this one.
    public var failures: Int { running.claim.failures }
    /// When this attempt will be cancelled; nil without a timeout.
    public let deadline: ContinuousClock.Instant?
    /// Its place among the jobs that one handler answers together; nil for a job on its own.
    let seat: Seat?

    init(running: Attempt, deadline: ContinuousClock.Instant?, seat: Seat? = nil) {
        self.running = running
        self.deadline = deadline
        self.seat = seat
    }

    /// The tenant that owns the job, 1 to 128 bytes; nil if the producer did not set it.
    public var tenant: String? { running.body.tenant }
    /// The W3C trace context from the producer.
    public var traceparent: String? { running.body.traceparent }

    /// Reports how far the job is, for `enqueue status` and the API. Of several reports within a moment, only the
    /// latest is stored.
    ///
    /// - Parameters:
    ///   - done: how many units of work are done, 0 or more.
    ///   - total: how many there are; nil if unknown.
    ///   - note: the current activity; at most 200 characters are kept.
    public func progress(_ done: Int, of total: Int? = nil, note: String? = nil) {
        running.progress(done, of: total, note: note.map { String($0.prefix(200)) })
    }

    /// Waits for permits of a key, for a call inside a job: `try await context.permit("scryfall")`. The limits are those of
    /// `Queue.setLimit`, and jobs with the key share them; a key without a rate is open.
    ///
    /// The permits are taken when the wait begins. If the job is cancelled or its worker dies meanwhile, these are lost,
    /// and no others. A permit of a spaced key for which the worker is 2 ms late is exchanged for a new one, but at most
    /// one in 21.
    ///
    /// - Parameters:
    ///   - cost: how many permits, 1 to 1,000,000.
    ///   - queue: the queue that keeps the limit; nil for the job's own.
    /// - Throws: `CancellationError`; `QueueError` for a key out of range or if Redis can't be reached.
    public func permit(_ key: String, cost: Int = 1, in queue: QueueName? = nil) async throws {
        let own = running.queue
        let home = queue.map { Queue($0, on: running.session.worker.connection) } ?? own
        let use = LimitUse(key, cost: cost)
        let punctuality = running.session.worker.punctuality
        var permit: Permit
        repeat {
            permit = try await home.permit(use)
            punctuality.heard(permit.now)
            while permit.at > permit.now {
                // At least a moment, in case Redis' clock was set back.
                let moment = max(punctuality.moment(permit.at) ?? .now, .now + .milliseconds(1))
                try await Task.sleep(until: moment, clock: .continuous)  // until the permits are good
                // Somebody may have paused the key meanwhile.
                permit = try await home.permit(use, taken: permit)
                punctuality.heard(permit.now)
            }
        } while permit.isSpaced && !punctuality.mayUse(permit.at)
    }

    /// Does a piece of the work once: its result is stored with the job, and a later attempt gets it without doing the
    /// work again, also after a crash. Steps of one job need different names of 1 to 128 bytes, and results within
    /// `WorkerOptions.resultLimit`.
    ///
    /// - Throws: what `work` throws; `StepError` if the result can't be stored.
    public func step<Value: Codable & Sendable>(
        _ name: String, _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        guard (1...128).contains(name.utf8.count) else { throw StepError.badName(name) }
        if let kept = try await running.keptStep(name) {
            do {
                return try JSONDecoder().decode(Value.self, from: Data(kept.bytes))
            } catch {
                throw StepError.unreadable(name: name, reason: "\(error)")
            }
        }
        try Task.checkCancellation()
        let value = try await work()
        let result = Payload(Array(try JSONEncoder().encode(value)))
        let limit = running.session.worker.options.resultLimit
        guard result.bytes.count <= limit else {
            throw StepError.tooLarge(name: name, bytes: result.bytes.count, limit: limit)
        }
        try await running.keep(step: name, result: result)
        return value
    }

    /// Writes log lines that carry the job's id, type, queue, attempt and trace id.
    public var log: Logger {
        var log = running.session.worker.logger
        for (key, value) in running.about { log[metadataKey: key] = value }
        return log
    }

    /// Whether somebody cancelled this job or its time is up: `Task.isCancelled`, under a name for synchronous code.
    public var isCancelled: Bool { Task.isCancelled }
}

extension Claim {
    /// The metadata of log lines about the job.
    func about(_ body: JobBody, in queue: Queue) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "job": .string(id.text), "type": .string(body.type), "queue": .string(queue.name.text),
            "attempt": .stringConvertible(attempt),
        ]
        if let trace = body.traceparent?.split(separator: "-").dropFirst().first {
            metadata["trace"] = .string(String(trace))
        }
        return metadata
    }
}

extension Attempt {
    /// The metadata of its log lines.
    var about: Logger.Metadata { claim.about(body, in: queue) }
}
