internal import PackhorseRedis

/// How a worker gets jobs.
extension Queue {
    /// Hands ready jobs to a worker, after the housekeeping: what is due becomes ready, what dead workers held runs
    /// again, what is too old is forgotten.
    ///
    /// - Parameters:
    ///   - count: how many the worker has room for, 0 to 1,000; with 0 only the housekeeping is done.
    ///   - resyncs: how often this worker has called `resync`.
    ///   - bell: wait for it first, and reserve in the moment that it rings.
    /// - Throws: `QueueError.lapsed` if the worker has no lease. After any other error the worker may hold jobs that it
    ///   does not know of: it calls `resync` before it reserves again.
    public func reserve(
        upTo count: Int, by worker: String, resyncs: Int = 0, after bell: Bell? = nil, now: Int? = nil
    ) async throws(QueueError) -> Reserved {
        let reply = try await run(.reserve, arguments: 3, now: now, after: bell) { command in
            command.append(worker)
            command.append(min(count, Self.batchLimit))
            command.append(resyncs)
        }
        guard case .array(let parts) = reply, parts.count >= 2, let time = parts[0].int, let quiet = parts[1].int else {
            throw .refused(script: "reserve", message: "unexpected reply")
        }
        var claims: [Claim] = []
        claims.reserveCapacity(parts.count / 3)
        let first = "1|\(time)"
        for i in stride(from: 2, to: parts.count - 2, by: 3) {
            guard case .bytes(let key) = parts[i], case .bytes(let body) = parts[i + 1],
                case .bytes(let history) = parts[i + 2]
            else { continue }
            claims.append(
                history.isEmpty
                    ? Claim(
                        id: JobID(key: key), attempt: 1, failures: 0, crashes: 0, startedAt: time, body: body,
                        token: first)
                    : Claim(id: JobID(key: key), history: history, startedAt: time, body: body))
        }
        return Reserved(claims: claims, now: time, quietFor: .milliseconds(quiet))
    }

    /// What a worker holds and does not know of: for after a reserve that failed, whose jobs are its own all the same
    /// and would stay running for as long as it lives. A reserve that is still on its way gets nothing.
    ///
    /// - Parameters:
    ///   - number: 1 for its first resync, and so on; the same again to repeat one that failed.
    ///   - known: all claims that it knows of and has not settled.
    /// - Returns: the other claims.
    /// - Throws: `QueueError.lapsed` if the worker has no lease.
    public func resync(
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
            guard halves.count == 2 else { continue }
            let counts = Claim.counts(before[...])
            claims.append(
                Claim(
                    id: JobID(key: key), attempt: halves[0], failures: counts[1], crashes: counts[2],
                    startedAt: halves[1], body: body, token: token))
        }
        return claims
    }
}

extension Claim {
    /// - Parameter history: `<claim> <attempts> <failures> <crashes>…`
    fileprivate init(id: JobID, history: [UInt8], startedAt: Int, body: [UInt8]) {
        let end = history.firstIndex(of: UInt8(ascii: " ")) ?? history.endIndex
        let token = history[..<end], counts = Self.counts(history[end...])
        self.init(
            id: id, attempt: token.firstIndex(of: UInt8(ascii: "|")).flatMap { DecimalText.number(token[..<$0]) } ?? 0,
            failures: counts[1], crashes: counts[2], startedAt: startedAt, body: body,
            token: String(decoding: token, as: UTF8.self))
    }

    /// Field `a`: attempts, failures and crashes.
    fileprivate static func counts(_ a: ArraySlice<UInt8>) -> [Int] {
        let counts = a.split(separator: UInt8(ascii: " ")).map { DecimalText.number($0) ?? 0 }
        return (0..<3).map { $0 < counts.count ? counts[$0] : 0 }
    }
}
