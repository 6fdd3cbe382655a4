internal import Logging
internal import Synchronization

/// Log lines that a flood could repeat endlessly: a thousand failing jobs, a Redis that is down.
///
/// The first few lines of each kind are written as they come. The others are counted, and at the end of each period one
/// line is written for all of them. It has the message and the fields of one of them, and `count`.
final class RepeatedLines: Sendable {
    fileprivate struct Kind: Hashable {
        var message: String
        var subject: String
    }

    fileprivate struct Lines {
        var written = 0
        var counted = 0
        /// Whether a line came in this period.
        var isNew = false
        /// The fields of one of the counted lines.
        var example: Logger.Metadata?
        let level: Logger.Level
    }

    fileprivate struct State {
        var kinds: [Kind: Lines] = [:]
        var ticks = false
    }

    fileprivate enum Turn { case write, count, countFirst }

    /// The maximum number of kinds that are counted separately; above it, lines are counted by message only.
    private static let limit = 200

    private let logger: Logger
    private let period: Duration
    private let state = Mutex(State())

    init(_ logger: Logger, period: Duration = .seconds(10)) {
        self.logger = logger
        self.period = period
    }

    /// - Parameters:
    ///   - subject: a further part of the kind, such as the type of the job or the queue.
    ///   - first: how many lines are written before counting begins; 1 or more.
    func log(
        _ level: Logger.Level, _ message: StaticString, about subject: String = "", first: Int = 10,
        metadata: @autoclosure () -> Logger.Metadata
    ) {
        guard level >= logger.logLevel else { return }
        var kind = Kind(message: "\(message)", subject: subject)
        let (turn, starts) = state.withLock { state -> (Turn, Bool) in
            if state.kinds[kind] == nil, state.kinds.count >= Self.limit { kind.subject = "" }
            let starts = !state.ticks
            state.ticks = true
            return (state.kinds[kind, default: Lines(level: level)].add(first: first), starts)
        }
        if starts { tick() }
        switch turn {
        case .count: break
        case .write: logger.log(level: level, "\(message)", metadata: metadata())
        case .countFirst:
            let example = metadata()
            state.withLock { $0.kinds[kind]?.example = example }
        }
    }

    /// Writes the lines that were counted but not written yet.
    func flush() { write(state.withLock { $0.summaries() }) }

    /// Runs for as long as there is something to count.
    private func tick() {
        Task {
            while true {
                try? await Task.sleep(for: period)  // the period itself
                let (lines, goesOn) = state.withLock { state in
                    let lines = state.summaries()
                    state.ticks = !state.kinds.isEmpty
                    return (lines, state.ticks)
                }
                write(lines)
                if !goesOn { return }
            }
        }
    }

    fileprivate typealias Summary = (message: String, lines: Lines)

    private func write(_ summaries: [Summary]) {
        for (message, lines) in summaries {
            var metadata = lines.example ?? [:]
            metadata["count"] = .stringConvertible(lines.counted)
            logger.log(level: lines.level, "\(message)", metadata: metadata)
        }
    }
}

extension RepeatedLines.State {
    /// Summaries of what was counted in this period. A kind with no lines in it is forgotten: its next line is written.
    fileprivate mutating func summaries() -> [RepeatedLines.Summary] {
        var summaries: [RepeatedLines.Summary] = []
        for (kind, lines) in kinds {
            if lines.counted > 0 { summaries.append((kind.message, lines)) }
            kinds[kind] = lines.next
        }
        return summaries
    }
}

extension RepeatedLines.Lines {
    fileprivate mutating func add(first: Int) -> RepeatedLines.Turn {
        isNew = true
        if written < first {
            written += 1
            return .write
        }
        counted += 1
        return counted == 1 ? .countFirst : .count
    }

    /// The same kind in the next period: a flood continues to be counted. Nil if nothing came in this one.
    fileprivate var next: Self? {
        guard isNew else { return nil }
        return Self(written: counted > 0 ? written : 0, level: level)
    }
}
