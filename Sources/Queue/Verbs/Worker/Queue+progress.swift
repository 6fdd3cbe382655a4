internal import PackhorseRedis

/// What is stored about a job while it runs.
extension Queue {
    /// Stores progress or the results of finished steps.
    ///
    /// - Returns: the ids that were refused, as with `settle`.
    package func saveProgress(_ notes: [(claim: Claim, note: SavedProgress)], by worker: String, now: Int? = nil)
        async throws(QueueError) -> [JobID]
    {
        guard !notes.isEmpty else { return [] }
        let reply = try await run(.saveProgress, arguments: 1 + 4 * notes.count, now: now) { command in
            command.append(worker)
            for (claim, note) in notes {
                append(claim.id, to: &command)
                command.append(claim.token)
                switch note {
                case .progress(let json):
                    command.append("p")
                    command.append(json)
                case .step(let name, let result):
                    command.append("s:" + name)
                    command.append(result.stored)
                }
            }
        }
        return (reply.array ?? []).compactMap { Self.id($0) }
    }

    /// The results of the steps that a job has finished, by name.
    package func steps(of id: JobID) async throws(QueueError) -> [String: Payload] {
        var command = RedisCommand("HGETALL", arguments: 1)
        append(id, to: &command)
        var steps: [String: Payload] = [:]
        let reply = try await send(command)
        // An error is not the same as no steps: the steps would be done again.
        if case .error(let message) = reply { throw .refused(script: "HGETALL", message: message) }
        let fields = reply.array ?? []
        for i in stride(from: 0, to: fields.count - 1, by: 2) {
            guard let name = fields[i].string, name.hasPrefix("s:"), case .bytes(let result) = fields[i + 1] else {
                continue
            }
            steps[String(name.dropFirst(2))] = Payload(stored: result)
        }
        return steps
    }
}
