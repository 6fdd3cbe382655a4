internal import Queue
internal import Synchronization

/// The way into one queue: single adds that gather while a write is under way share the next one.
final class Lane: Sendable {
    private typealias Answer = Result<Enqueued, QueueError>
    private struct Entry: Sendable {
        let job: NewJob
        let answer: CheckedContinuation<Answer, Never>
    }

    private let target: Queue
    private let entries = Batcher<Entry>()
    private let registered = Mutex(false)

    init(_ target: Queue) {
        self.target = target
        let entries = entries
        Task {
            while let batch = await entries.next(limit: Queue.batchLimit) {
                do throws(QueueError) {
                    let outcomes = try await target.enqueue(batch.map(\.job))
                    for (entry, outcome) in zip(batch, outcomes) { entry.answer.resume(returning: .success(outcome)) }
                } catch {
                    for entry in batch { entry.answer.resume(returning: .failure(error)) }
                }
            }
        }
    }

    func add(_ job: NewJob) async throws(QueueError) -> Enqueued {
        _ = try await queue()
        return try await withCheckedContinuation { answer in entries.add(Entry(job: job, answer: answer)) }.get()
    }

    /// The queue, listed under its name from the first use on.
    func queue() async throws(QueueError) -> Queue {
        if !registered.withLock({ $0 }) {
            try await target.register()
            registered.withLock { $0 = true }
        }
        return target
    }

    func close() { entries.close() }
}
