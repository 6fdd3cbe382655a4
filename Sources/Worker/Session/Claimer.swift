internal import Queue

/// Reserves from one queue under one lease.
///
/// If the reply of a reserve is lost, its jobs belong to this worker all the same, and would stay running for as long
/// as it lives. So the next reserve is preceded by a resync, which finds the jobs that the worker holds without knowing
/// it. The same happens after a lost connection: a server that took over or came back may have forgotten outcomes that
/// it had confirmed, and may still have these jobs as running.
struct Claimer {
    let queue: Queue
    private let session: WorkerSession
    private var resyncs = 0
    /// The last reserve may have claimed jobs that nobody here knows of.
    private(set) var owesResync = false
    /// The generation of the queue's connection at the last reserve or resync.
    private var generation: Int
    /// How many reserves in a row this queue refused while other queues may work.
    private var refusals = 0
    /// Until when the queue is left alone after the last refusal; nil while all is well.
    private(set) var restsUntil: ContinuousClock.Instant?

    init(_ queue: Queue, of session: WorkerSession) {
        self.queue = queue
        self.session = session
        generation = queue.generation
    }

    /// - Parameter bell: wait for it first, unless a resync is needed.
    /// - Throws: `QueueError`; the next call finds the jobs that this one may have claimed.
    mutating func reserve(upTo count: Int, after bell: Bell? = nil) async throws(QueueError) -> Reserved {
        // Refused outcomes: if the server's clock jumped, the jobs belong to this worker all the same.
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

    /// The queue refused, for example because its keys are broken. It rests while the others continue, longer each
    /// time.
    mutating func rest() {
        refusals += 1
        restsUntil = .now + .milliseconds(min(2000, 50 << min(refusals, 6)))
    }

    mutating func works() {
        refusals = 0
        restsUntil = nil
    }

    /// Finds the jobs of the last reserve, in case its reply was lost.
    mutating func resync(within timeout: Duration = .seconds(10)) async throws(QueueError) -> Reserved {
        // Read before the call, so jobs that end meanwhile are included. No job begins meanwhile, because that happens
        // only after this.
        let connected = queue.generation
        let claims = try await queue.resync(
            by: session.name, number: resyncs, besides: session.claims(from: queue), timeout: timeout)
        owesResync = false
        generation = connected
        return Reserved(claims: claims, now: 0, quietFor: .zero)
    }
}
