package import PackhorseRedis

/// The answer to a beat.
package struct Beat: Sendable, Equatable {
    /// Jobs of this worker that somebody wants cancelled.
    package let cancelled: [JobID]

    /// - Throws: `QueueError.lapsed` if the lease had lapsed.
    package init(_ reply: RedisReply) throws(QueueError) {
        if case .error(let message) = reply { throw Queue.error(message, from: .beat) }
        guard case .array(let parts) = reply, !parts.isEmpty else {
            throw .refused(script: "beat", message: "unexpected reply")
        }
        cancelled = parts.dropFirst().compactMap { Queue.id($0) }
    }
}
