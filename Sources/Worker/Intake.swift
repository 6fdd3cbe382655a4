internal import Queue

/// The reserving from one queue under one lease.
///
/// When the reply to a reserve gets lost, its jobs are this worker's all the same, and would stay running for as long as
/// it lives. So the next reserve first recalls what it holds and does not know of.
struct Intake {
    let queue: Queue
    private let term: Term
    private var recalls = 0
    /// The last reserve may have brought jobs that nobody here knows of.
    private(set) var owesRecall = false

    init(_ queue: Queue, of term: Term) {
        self.queue = queue
        self.term = term
    }

    /// - Parameter bell: wait for it first, unless there is something to recall.
    /// - Throws: `QueueError`; the next call finds what this one may have been given.
    mutating func reserve(upTo count: Int, after bell: Bell? = nil) async throws(QueueError) -> Reserved {
        if owesRecall { return try await recall() }
        let options = term.worker.options
        do {
            return try await queue.reserve(
                upTo: count, by: term.name, lease: options.lease, maxCrashes: options.maxCrashes,
                retention: options.retention, recalls: recalls, after: bell)
        } catch .lapsed(let worker) {
            throw .lapsed(worker: worker)
        } catch {
            recalls += 1
            owesRecall = true
            throw error
        }
    }

    /// What the last reserve has brought, in case that its reply got lost.
    mutating func recall() async throws(QueueError) -> Reserved {
        // Before it asks: what ends meanwhile is known too. Nothing begins meanwhile, this is what would begin it.
        let claims = try await queue.recall(by: term.name, number: recalls, besides: term.claims(from: queue))
        owesRecall = false
        return Reserved(claims: claims, now: 0, quietFor: .zero)
    }
}
