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
    /// Redis' clock in the last reply, and what that millisecond brought: a recall gives it again.
    private var since = 0
    private var recent: [[Claim]] = []

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
            let reserved = try await queue.reserve(
                upTo: count, by: term.name, lease: options.lease, maxCrashes: options.maxCrashes,
                retention: options.retention, recalls: recalls, after: bell)
            if reserved.now != since { recent = [] }
            since = reserved.now
            if !reserved.claims.isEmpty { recent.append(reserved.claims) }
            return reserved
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
        let claims = try await queue.recall(by: term.name, number: recalls, since: since)
        owesRecall = false
        let known = Set(recent.joined().map { "\($0.id) \($0.attempt)" })
        // Another recall, before a reserve gets through, brings these once more.
        recent = [claims]
        return Reserved(
            claims: claims.filter { !known.contains("\($0.id) \($0.attempt)") }, now: since, quietFor: .zero)
    }
}
