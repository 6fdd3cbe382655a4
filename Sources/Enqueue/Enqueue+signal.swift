public import Queue

extension Enqueue {
    /// Sends a signal: jobs that wait for it (`JobContext.waitFor`) run again at once, at the head of their list.
    ///
    /// It can be repeated after a lost reply; jobs that the first call resumed are not counted again.
    ///
    /// - Parameters:
    ///   - name: 1 to 128 bytes.
    ///   - job: the only job that gets it, also if it waits for it later; nil for all that wait for it.
    ///   - queue: the queue of the jobs; nil for that of `job`, or the default one.
    ///   - payload: JSON of at most 64 KiB, which the jobs get; nil for none.
    ///   - keep: how long it is kept for jobs that will wait for it and look back, 0 to 30 days. A later signal of the same
    ///     name replaces it.
    /// - Returns: how many jobs were resumed.
    /// - Throws: `QueueError.wrongState` if the job has ended or is unknown; `.field` or `.tooLarge` for a value out of
    ///   range; `.capReached` if 10,000 names are kept in the queue, or 100 for the job.
    @discardableResult
    public func signal(
        _ name: String, job: JobID? = nil, queue: QueueName? = nil, payload: [UInt8]? = nil,
        keep: Duration = .seconds(3600)
    ) async throws(QueueError) -> Int {
        try await send(SignalSpec(name, job: job, queue: queue, payload: payload, keep: keep))
    }

    /// Sends a signal as a user described it.
    package func send(_ spec: SignalSpec) async throws(QueueError) -> Int {
        try spec.validate()
        let target = self.queue(spec.queue ?? spec.job?.queue ?? self.queue)
        // A queue may get a signal before its first job; it is listed from then on.
        if spec.job == nil, spec.keep > .zero { try await target.register() }
        return try await target.signal(spec.name, job: spec.job, payload: spec.payload, keep: spec.keep)
    }
}
