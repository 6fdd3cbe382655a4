internal import PackhorseRedis

extension Queue {
    /// Which of these jobs have ended or are no longer known. It is cheap enough to ask for thousands every few
    /// seconds.
    ///
    /// - Throws: `QueueError.redis`, also if the server has become a replica.
    public func ended(_ ids: [JobID]) async throws(QueueError) -> [JobID] {
        var ended: [JobID] = []
        var rest = ids[...]
        while !rest.isEmpty {
            let batch = rest.prefix(Self.batchLimit)
            rest = rest.dropFirst(batch.count)
            let reply = try await run(.ended, arguments: batch.count, capacity: 256 + 70 * batch.count, now: nil) {
                command in
                for id in batch { append(id, to: &command) }
            }
            for position in (reply.array ?? []).compactMap(\.int) where (1...batch.count).contains(position) {
                ended.append(batch[batch.startIndex + position - 1])
            }
        }
        return ended
    }
}
