public import Queue

/// What somebody who follows one job is told.
public enum JobEvent: Sendable {
    /// The job as it stands when the events begin, unless it has ended by then: always the first.
    case began(JobRecord)
    /// The job reports progress: JSON `{"done","of","note"}`.
    case progress([UInt8])
    /// The job has ended, or is `unknown` because nothing is known of it (any more): always the last.
    case ended(JobRecord)
}

extension Enqueue {
    /// What happens to a job from now on: how it stands, its progress, and its end, which is the last event.
    ///
    /// The end always comes, also when a message or the server is lost; it is waited for as `wait` does. Progress is heard
    /// and not read: a report may be missed while a connection breaks, and whoever reads slowly gets the latest 16 events.
    /// Closing the `Enqueue` ends the events without an end of the job.
    ///
    /// - Throws: while it is read, `QueueError` when Redis stays away.
    public func events(of id: JobID) -> AsyncThrowingStream<JobEvent, any Error> {
        AsyncThrowingStream(bufferingPolicy: .bufferingNewest(16)) { continuation in
            let task = Task { [self] in
                do {
                    let first = try await status(id)
                    if first.state.hasEnded || first.state == .unknown {
                        continuation.yield(.ended(first))
                        return continuation.finish()
                    }
                    continuation.yield(.began(first))
                    let listener = watcher.progress.listen(to: id, in: queue(id.queue)) {
                        continuation.yield(.progress($0))
                    }
                    defer { watcher.progress.forget(listener) }
                    let last = try await wait(for: id, timeout: Self.longestWait)
                    if last.state.hasEnded || last.state == .unknown { continuation.yield(.ended(last)) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// As long as it takes.
    private static let longestWait = Duration.seconds(10 * 365 * 86_400)
}
