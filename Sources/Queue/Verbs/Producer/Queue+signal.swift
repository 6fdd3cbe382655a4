internal import PackhorseRedis

extension Queue {
    /// Sends a signal: jobs that wait for it (`JobContext.waitFor`) run again at once, at the head of their list.
    ///
    /// It can be repeated after a lost reply; jobs that the first call resumed are not counted again.
    ///
    /// - Parameters:
    ///   - name: 1 to 128 bytes.
    ///   - job: the only job that gets it, also if it waits for it later; nil for all that wait for it.
    ///   - payload: JSON of at most 64 KiB, which the jobs get; nil for none.
    ///   - keep: how long it is kept for jobs that will wait for it and look back, 0 to 30 days. A later signal of the same
    ///     name replaces it.
    /// - Returns: how many jobs were resumed.
    /// - Throws: `QueueError.wrongState` if the job has ended or is unknown; `.field` or `.tooLarge` for a value out of
    ///   range; `.capReached` if 10,000 names are kept, or 100 for the job.
    @discardableResult
    public func signal(
        _ name: String, job: JobID? = nil, payload: [UInt8]? = nil, keep: Duration = .seconds(3600), now: Int? = nil
    ) async throws(QueueError) -> Int {
        let spec = SignalSpec(name, job: job, queue: self.name, payload: payload, keep: keep)
        try spec.validate()
        var (resumed, keep, others) = (0, keep.milliseconds, false)
        repeat {
            let reply = try await run(
                .signal, arguments: 4, capacity: 512 + (payload?.count ?? 0), now: now
            ) { command in
                command.append(KeyText.stored(name))
                if let job { append(job, to: &command) } else { command.append("") }
                command.append(keep)
                command.append(payload ?? [])
            }
            guard let parts = reply.array, parts.count == 3, let count = parts[0].int else {
                throw .refused(script: "signal", message: "unexpected reply")
            }
            if let job {
                let state = parts[2].string.flatMap { JobState(rawValue: $0) } ?? .unknown
                guard state != .unknown, !state.hasEnded else {
                    throw .wrongState(id: job.text, state: state, wanted: "a signal needs a job that has not ended")
                }
            }
            resumed += count
            others = parts[1].int == 1
            // It is kept already.
            keep = 0
        } while others
        return resumed
    }

    /// Whether a job's wait for a signal has ended without the signal.
    package func isOver(_ wait: SignalWait, of id: JobID) async throws(QueueError) -> Bool {
        var command = RedisCommand("HGET", arguments: 2)
        append(id, to: &command)
        command.append("w")
        let reply = try await send(command)
        if case .error(let message) = reply { throw .refused(script: "HGET", message: message) }
        return (reply.string ?? "").split(separator: "\n").contains { $0.hasSuffix(" over \(wait.storedName)") }
    }
}
