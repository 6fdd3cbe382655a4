internal import Queue
internal import Synchronization

/// Writes to one queue: single adds that are collected while others are being written share the next write.
///
/// A caller that finds no write in flight writes its own job at once, without another task in between.
final class Lane: Sendable {
    private typealias Answer = Result<Enqueued, QueueError>
    private struct Entry: Sendable {
        let job: NewJob
        let answer: CheckedContinuation<Answer?, Never>
    }
    private struct State {
        /// The connection's generation when the queue was listed; after a reconnect, Redis may have lost its data.
        var registered: Int?
        /// How many writes are in flight; during a write, another one is prepared, so that Redis need not wait.
        var writes = 0
        var waiting: [Entry] = []
        /// The size of the arguments in `waiting`.
        var bytes = 0
    }

    private static let writeLimit = 2
    private let target: Queue
    private let state = Mutex(State())

    init(_ target: Queue) {
        self.target = target
    }

    func add(_ job: NewJob) async throws(QueueError) -> Enqueued {
        let queue = try await queue()
        if !beginWrite() {
            let answer: Answer? = await withCheckedContinuation { continuation in
                let mayWrite = state.withLock { state in
                    if state.writes < Self.writeLimit {
                        state.writes += 1
                        return true
                    }
                    state.waiting.append(Entry(job: job, answer: continuation))
                    state.bytes += job.arguments.bytes.count
                    return false
                }
                if mayWrite { continuation.resume(returning: nil) }
            }
            if let answer { return try answer.get() }
        }
        defer { writeWhatWaits() }
        return try await queue.enqueue([job])[0]
    }

    /// The queue, which is listed from its first use on.
    func queue() async throws(QueueError) -> Queue {
        let generation = target.generation
        if state.withLock({ $0.registered }) != generation {
            try await target.register()
            state.withLock { $0.registered = generation }
        }
        return target
    }

    private func beginWrite() -> Bool {
        state.withLock { state in
            guard state.writes < Self.writeLimit else { return false }
            state.writes += 1
            return true
        }
    }

    /// A write has ended: the next one begins if there is something to write.
    private func writeWhatWaits() {
        guard let first = nextBatch() else { return }
        Task {
            var next: [Entry]? = first
            while let batch = next {
                do throws(QueueError) {
                    let answers = try await target.enqueue(batch.map(\.job))
                    for (entry, answer) in zip(batch, answers) { entry.answer.resume(returning: .success(answer)) }
                } catch {
                    for entry in batch { entry.answer.resume(returning: .failure(error)) }
                }
                next = nextBatch()
            }
        }
    }

    /// Nil if nothing waits; then one write less is in flight.
    private func nextBatch() -> [Entry]? {
        state.withLock { state in
            if state.waiting.isEmpty {
                state.writes -= 1
                return nil
            }
            // One script call, so that either all of them are stored or none.
            if state.waiting.count <= Queue.batchLimit, state.bytes <= Queue.batchBytes {
                defer { (state.waiting, state.bytes) = ([], 0) }
                return state.waiting
            }
            let batch = Array(
                state.waiting.prefix(Queue.firstBatch(of: state.waiting) { $0.job.arguments.bytes.count }))
            state.waiting.removeFirst(batch.count)
            for entry in batch { state.bytes -= entry.job.arguments.bytes.count }
            return batch
        }
    }
}
