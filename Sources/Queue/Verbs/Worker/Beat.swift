package import PackhorseRedis

/// The answer to a beat.
package struct Beat: Sendable, Equatable {
    /// Jobs of this worker that somebody wants cancelled.
    package let cancelled: [JobID]
    /// How long until a tick of one of the queue's schedules is due; nil without schedules.
    package let nextTick: Duration?

    /// - Throws: `QueueError.lapsed` if the lease had lapsed.
    package init(_ reply: RedisReply) throws(QueueError) {
        if case .error(let message) = reply { throw Queue.error(message, from: .beat) }
        guard case .array(let parts) = reply, parts.count >= 2 else {
            throw .refused(script: "beat", message: "unexpected reply")
        }
        nextTick = parts[1].int.flatMap { $0 < 0 ? nil : .milliseconds($0) }
        cancelled = parts.dropFirst(2).compactMap { Queue.id($0) }
    }
}
