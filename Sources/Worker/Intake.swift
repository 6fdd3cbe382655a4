internal import Queue

/// The reserving from one queue under one lease.
///
/// When the reply to a reserve gets lost, its jobs are this worker's all the same, and would stay running for as long as
/// it lives. So the next reserve first recalls what it holds and does not know of. The same after a connection was lost:
/// a server that took over, or came back, may have forgotten outcomes that it had confirmed, and have the jobs running.
struct Intake {
    let queue: Queue
    private let term: Term
    private var recalls = 0
    /// The last reserve may have brought jobs that nobody here knows of.
    private(set) var owesRecall = false
    /// Of the queue's connection when it last reserved or recalled.
    private var generation: Int

    init(_ queue: Queue, of term: Term) {
        self.queue = queue
        self.term = term
        generation = queue.generation
    }

    /// - Parameter bell: wait for it first, unless there is something to recall.
    /// - Throws: `QueueError`; the next call finds what this one may have been given.
    mutating func reserve(upTo count: Int, after bell: Bell? = nil) async throws(QueueError) -> Reserved {
        if !owesRecall, queue.generation != generation {
            recalls += 1
            owesRecall = true
        }
        if owesRecall { return try await recall() }
        let options = term.worker.options
        do {
            return try await queue.reserve(
                upTo: count, by: term.name, maxCrashes: options.maxCrashes, retention: options.retention,
                recalls: recalls, after: bell)
        } catch .lapsed(let worker) {
            throw .lapsed(worker: worker)
        } catch {
            recalls += 1
            owesRecall = true
            throw error
        }
    }

    /// What the last reserve has brought, in case that its reply got lost.
    mutating func recall(within timeout: Duration = .seconds(10)) async throws(QueueError) -> Reserved {
        // Before it asks: what ends meanwhile is known too. Nothing begins meanwhile, this is what would begin it.
        let connected = queue.generation
        let claims = try await queue.recall(
            by: term.name, number: recalls, besides: term.claims(from: queue), timeout: timeout)
        owesRecall = false
        generation = connected
        return Reserved(claims: claims, now: 0, quietFor: .zero)
    }
}
