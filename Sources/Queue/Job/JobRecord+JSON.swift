extension JobRecord {
    /// The job as JSON on one line, the same everywhere: command line, HTTP and events (docs/wire.md). Times are ISO
    /// 8601 with milliseconds, UTC; unknown values are null.
    public func json() -> [UInt8] { JSONText.object(members) }

    /// The named members of `json()`, in this order.
    package func json(only names: [String]) -> [UInt8] {
        JSONText.object(names.compactMap { name in members.first { $0.name == name } })
    }

    private var members: [(name: String, value: [UInt8]?)] {
        func text(_ value: String?) -> [UInt8]? { value.map { JSONText.string($0) } }
        func number(_ value: Int?) -> [UInt8]? { value.map(JSONText.number) }
        func time(_ ms: Int?) -> [UInt8]? { text(ms.map(ISOTime.text)) }
        return [
            ("id", text(id.text)), ("type", text(body?.type)), ("queue", text(id.queue.text)),
            ("tenant", text(body?.tenant)), ("priority", text(body?.priority.name)), ("state", text(state.rawValue)),
            ("attempt", number(attempt)), ("maxAttempts", number(body?.maxAttempts)), ("failures", number(failures)),
            ("crashes", number(crashes)), ("args", Self.json(body?.arguments)),
            ("progress", progress.map(JSONText.stored)), ("result", Self.json(result)), ("error", error?.json),
            ("errors", JSONText.array(errors.map(Self.json))), ("createdAt", time(body?.createdAt)),
            ("runAt", time(runAt)), ("startedAt", time(startedAt)), ("finishedAt", time(finishedAt)),
            ("expiresAt", time(expiresAt)), ("worker", text(worker)), ("traceparent", text(body?.traceparent)),
            ("parent", nil), ("workflow", nil), ("waitsFor", text(waitsFor)),
            ("blockedBy", text(blockedBy?.text)),
        ]
    }

    /// JSON as it was stored. For an encoded payload or another content type, only that and its size are shown.
    private static func json(_ payload: Payload?) -> [UInt8]? {
        guard let payload, !payload.bytes.isEmpty else { return nil }
        if payload.isPlainJSON { return JSONText.stored(payload.bytes) }
        return JSONText.object([
            ("contentType", JSONText.string(payload.contentType)), ("encoding", JSONText.string(payload.encoding)),
            ("bytes", JSONText.number(payload.bytes.count)),
        ])
    }

    private static func json(_ error: FailedAttempt) -> [UInt8] {
        JSONText.object(
            [("at", JSONText.string(ISOTime.text(error.at))), ("attempt", JSONText.number(error.attempt))]
                + error.failure.members)
    }
}

extension JobFailure {
    fileprivate var members: [(name: String, value: [UInt8]?)] {
        [
            ("type", JSONText.string(type)), ("message", JSONText.string(message)),
            ("retryable", JSONText.flag(retryable)),
        ]
    }

    /// One line of JSON.
    package var json: [UInt8] { JSONText.object(members) }
}
