internal import PackhorseRedis

extension Queue {
    /// The claims that a worker holds without knowing it. Call it after a failed reserve: the jobs of that reserve
    /// belong to the worker, and would stay running for as long as it lives. A reserve that is still on its way gets
    /// nothing.
    ///
    /// - Parameters:
    ///   - number: 1 for its first resync, and so on; the same number to repeat one that failed.
    ///   - known: all claims that it knows and has not settled.
    /// - Returns: the other claims.
    /// - Throws: `QueueError.lapsed` if the worker has no lease.
    package func resync(
        by worker: String, number: Int, besides known: [Claim] = [], timeout: Duration = .seconds(10), now: Int? = nil
    ) async throws(QueueError) -> [Claim] {
        let reply = try await run(.resync, arguments: 2 + 2 * known.count, now: now, timeout: timeout) { command in
            command.append(worker)
            command.append(number)
            for claim in known {
                append(claim.id, to: &command)
                command.append(claim.token)
            }
        }
        guard case .array(let parts) = reply else {
            throw .refused(script: "resync", message: "unexpected reply")
        }
        var claims: [Claim] = []
        for i in stride(from: 0, to: parts.count - 3, by: 4) {
            guard case .bytes(let key) = parts[i], let token = parts[i + 1].string,
                case .bytes(let body) = parts[i + 2],
                case .bytes(let before) = parts[i + 3]
            else { continue }
            let halves = token.split(separator: "|").compactMap { Int($0) }
            guard halves.count >= 2 else { continue }
            let counts = Claim.counts(before[...])
            claims.append(
                Claim(
                    id: JobID(key: key), attempt: halves[0], failures: counts[1], crashes: counts[2],
                    startedAt: halves[1], isSpaced: false, body: body, token: token))
        }
        return claims
    }
}
