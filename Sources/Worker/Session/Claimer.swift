internal import Queue

/// The reserving from one queue under one lease.
///
/// When the reply to a reserve gets lost, its jobs are this worker's all the same, and would stay running for as long as
/// it lives. So the next reserve first resyncs what it holds and does not know of. The same after a connection was lost:
/// a server that took over, or came back, may have forgotten outcomes that it had confirmed, and have the jobs running.
struct Claimer {
    let queue: Queue
    private let session: WorkerSession
    private var resyncs = 0
    /// The last reserve may have brought jobs that nobody here knows of.
    private(set) var owesResync = false
    /// Of the queue's connection when it last reserved or resynced.
    private var generation: Int
    /// Reserves in a row that this queue refused while others may work.
    private var refusals = 0
    /// Until when it is left alone after the last of them; nil while all is well.
    private(set) var restsUntil: ContinuousClock.Instant?

    init(_ queue: Queue, of session: WorkerSession) {
        self.queue = queue
        self.session = session
        generation = queue.generation
    }

    /// - Parameter bell: wait for it first, unless there is something to resync.
    /// - Throws: `QueueError`; the next call finds what this one may have been given.
    mutating func reserve(upTo count: Int, after bell: Bell? = nil) async throws(QueueError) -> Reserved {
        // Refused outcomes: if the clock of the server jumped, the jobs are this worker's all the same.
        if !owesResync, queue.generation != generation || session.takeRefusal(of: queue.name) {
            resyncs += 1
            owesResync = true
        }
        if owesResync { return try await resync() }
        do {
            return try await queue.reserve(
                upTo: count, by: session.name, resyncs: resyncs, after: bell)
        } catch .lapsed(let worker) {
            throw .lapsed(worker: worker)
        } catch {
            resyncs += 1
            owesResync = true
            throw error
        }
    }

    /// The queue refused: its keys are broken, say. It rests while the others go on, longer each time.
    mutating func rest() {
        refusals += 1
        restsUntil = .now + .milliseconds(min(2000, 50 << min(refusals, 6)))
    }

    mutating func works() {
        refusals = 0
        restsUntil = nil
    }

    /// What the last reserve has brought, in case that its reply got lost.
    mutating func resync(within timeout: Duration = .seconds(10)) async throws(QueueError) -> Reserved {
        // Before it asks: what ends meanwhile is known too. Nothing begins meanwhile, this is what would begin it.
        let connected = queue.generation
        let claims = try await queue.resync(
            by: session.name, number: resyncs, besides: session.claims(from: queue), timeout: timeout)
        owesResync = false
        generation = connected
        return Reserved(claims: claims, now: 0, quietFor: .zero)
    }
}
