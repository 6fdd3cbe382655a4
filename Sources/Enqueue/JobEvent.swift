public import Queue

/// An event of one job, for those who follow it.
public enum JobEvent: Sendable {
    /// The job as it is when the events begin, unless it has ended already: always the first event.
    case began(JobRecord)
    /// The job reports progress: JSON `{"done","of","note"}`.
    case progress([UInt8])
    /// The job has ended, or is `unknown` because nothing, or nothing more, is known about it: always the last event.
    case ended(JobRecord)
}

extension Enqueue {
    /// The events of a job from now on: its current state, its progress, and its end, which is the last event.
    ///
    /// The end always comes, even if a message or the server is lost; it is awaited as in `wait`. Progress is only
    /// published: a report may be missed while a connection breaks, and a slow reader gets the latest 16 events.
    /// Closing the `Enqueue` ends the events without an end of the job.
    ///
    /// - Throws: while it is read, `QueueError` if Redis stays unreachable.
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

    /// Practically without limit.
    private static let longestWait = Duration.seconds(10 * 365 * 86_400)
}
