internal import Foundation
internal import PackhorseRedis

extension JobRecord {
    /// A job of which only the end is known, from a message.
    package init(forgotten id: JobID, _ state: JobState, at ended: Int) {
        self.id = id
        self.state = state
        finishedAt = ended
        (body, progress, result, error, runAt, startedAt, expiresAt) = (nil, nil, nil, nil, nil, nil, nil)
        (waitsFor, blockedBy, worker) = (nil, nil, nil)
        (attempt, failures, crashes, errors, cancelRequested) = (0, 0, 0, [], false)
    }

    /// One row of status.lua.
    init(_ id: JobID, row: [RedisReply]) {
        func bytes(_ i: Int) -> [UInt8]? {
            guard i < row.count, case .bytes(let value) = row[i], !value.isEmpty else { return nil }
            return value
        }
        func text(_ i: Int) -> String? { bytes(i).map { String(decoding: $0, as: UTF8.self) } }

        self.id = id
        state = text(0).flatMap(JobState.init(rawValue:)) ?? .unknown
        body = bytes(1).flatMap { try? JobBody($0, of: id.text) }
        progress = bytes(5)
        cancelRequested = bytes(6) != nil
        errors = (text(4) ?? "").split(separator: "\n").compactMap(FailedAttempt.init)

        let counts = (text(2) ?? "").split(separator: " ").compactMap { Int($0) }
        let end = bytes(3).map(StoredEnd.init)
        let claim: (attempt: Int, startedAt: Int?)? =
            text(9).map(Self.claim) ?? end.map { ($0.attempt, $0.startedAt) }
        attempt = claim?.attempt ?? counts.first ?? 0
        failures = counts.count > 1 ? counts[1] : 0
        crashes = counts.count > 2 ? counts[2] : 0
        startedAt = claim?.startedAt
        runAt = text(7).flatMap { Double($0) }.flatMap { Int(exactly: $0.rounded()) }
        waitsFor = text(11)
        blockedBy = bytes(12).map { JobID(key: $0) }
        worker = text(8) ?? end?.worker
        finishedAt = end?.endedAt
        expiresAt = text(10).flatMap { Int($0) }
        result =
            end?.state == JobState.succeeded.rawValue && end?.detail.isEmpty == false
            ? end.map { Payload(stored: $0.detail) } : nil
        error =
            end.map { $0.state == JobState.succeeded.rawValue ? nil : JobFailure(json: $0.detail) }
            ?? errors.first?.failure
    }

    /// `<attempt>|<started ms>`
    fileprivate static func claim(_ text: String) -> (attempt: Int, startedAt: Int?) {
        let parts = text.split(separator: "|").compactMap { Int($0) }
        return (parts.first ?? 0, parts.count > 1 && parts[1] > 0 ? parts[1] : nil)
    }
}

/// Field `r`: `<state> <ended ms> <attempt>|<started ms> <worker>[ <more>…]\n<detail>`.
private struct StoredEnd {
    var state = ""
    var endedAt: Int?
    var attempt = 0
    var startedAt: Int?
    var worker: String?
    var detail: [UInt8] = []

    init(_ r: [UInt8]) {
        let end = r.firstIndex(of: UInt8(ascii: "\n")) ?? r.endIndex
        let head = String(decoding: r[..<end], as: UTF8.self).split(separator: " ")
        guard head.count >= 4 else { return }
        state = String(head[0])
        endedAt = Int(head[1])
        (attempt, startedAt) = JobRecord.claim(String(head[2]))
        worker = head[3] == "-" ? nil : String(head[3])
        detail = Array(r[min(end + 1, r.endIndex)...])
    }
}

extension JobRecord.FailedAttempt {
    /// One line of field `e`: `<ms> <attempt> <error JSON>`.
    fileprivate init?(_ line: Substring) {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, let at = Int(parts[0]), let attempt = Int(parts[1]) else { return nil }
        self.init(at: at, attempt: attempt, failure: JobFailure(json: Array(parts[2].utf8)))
    }
}

extension JobFailure {
    init(json: [UInt8]) {
        self =
            (try? JSONDecoder().decode(JobFailure.self, from: Data(json)))
            ?? JobFailure(type: "unreadable", message: String(decoding: json, as: UTF8.self), retryable: false)
    }
}
