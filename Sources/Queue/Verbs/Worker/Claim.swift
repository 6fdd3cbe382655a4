/// A job that a worker has reserved, and the right to write its outcome.
package struct Claim: Sendable {
    /// The job that is claimed.
    package let id: JobID
    /// 1 for the first; never decreases, not even if an attempt was given back.
    package let attempt: Int
    /// Failed attempts before this one; the retry policy uses them.
    package let failures: Int
    /// How many workers died while they ran it.
    package let crashes: Int
    /// When it was reserved, in ms since 1970 by Redis' clock.
    package let startedAt: Int
    /// It took a permit of a spaced key when it was reserved.
    package let isSpaced: Bool
    /// Field `b` as it is stored.
    package let body: [UInt8]

    /// `<attempt>|<started ms>`, with `|l` if the job has links, `|<batch>|l` if it was collected: every write is checked
    /// against it.
    let token: String

    /// Something else follows from its end: it belongs to a schedule.
    var hasLinks: Bool { token.utf8.last == UInt8(ascii: "l") }

    /// The batch in which it was collected, the same for jobs that one handler answers; nil for a job on its own.
    package var batch: Substring? {
        guard hasLinks else { return nil }
        let parts = token.split(separator: "|")
        return parts.count == 4 ? parts[2] : nil
    }
}

extension Claim {
    /// - Parameter history: `<claim> <attempts> <failures> <crashes>…`, with ` spaced` at the end.
    init(id: JobID, history: [UInt8], startedAt: Int, body: [UInt8]) {
        let end = history.firstIndex(of: UInt8(ascii: " ")) ?? history.endIndex
        let token = history[..<end], counts = Self.counts(history[end...])
        self.init(
            id: id, attempt: token.firstIndex(of: UInt8(ascii: "|")).flatMap { DecimalText.number(token[..<$0]) } ?? 0,
            failures: counts[1], crashes: counts[2], startedAt: startedAt,
            isSpaced: history.last == UInt8(ascii: "d"), body: body,
            token: String(decoding: token, as: UTF8.self))
    }

    /// Field `a`: attempts, failures and crashes.
    static func counts(_ a: ArraySlice<UInt8>) -> [Int] {
        let counts = a.split(separator: UInt8(ascii: " ")).map { DecimalText.number($0) ?? 0 }
        return (0..<3).map { $0 < counts.count ? counts[$0] : 0 }
    }
}
