/// What scripts publish about the jobs of a queue. A message reaches only those who listen at that moment. Everything
/// in it can also be read; listening only makes it known sooner.
public enum QueueEvent: Sendable, Equatable {
    /// Jobs have ended in one state, at a time in ms since 1970. Channel `ended`: `<state> <ended ms> <job> <job> …`.
    case ended([JobID], JobState, at: Int)
    /// A running job reports progress, as JSON. Channel `progress`: `<job> <JSON>`.
    case progress(JobID, [UInt8])
    /// A worker must cancel one of its jobs. Channel `calls:<worker>`: `<job>`.
    case cancelRequested(JobID)

    /// Where a kind of event is published.
    public enum Channel: Sendable, Equatable {
        case ended, progress
        case calls(worker: String)

        var name: String {
            switch self {
            case .ended: "ended"
            case .progress: "progress"
            case .calls(let worker): "calls:" + worker
            }
        }
    }

    /// Reads a message, in which jobs are identified by their keys.
    ///
    /// - Returns: nil for a message of another form.
    public init?(on channel: Channel, _ message: [UInt8]) {
        switch channel {
        case .calls: self = .cancelRequested(JobID(key: message))
        case .progress:
            guard let space = message.firstIndex(of: UInt8(ascii: " ")) else { return nil }
            self = .progress(JobID(key: message[..<space]), Array(message[(space + 1)...]))
        case .ended:
            let words = message.split(separator: UInt8(ascii: " "))
            guard words.count > 2, let state = JobState(rawValue: String(decoding: words[0], as: UTF8.self)),
                let at = Int(String(decoding: words[1], as: UTF8.self))
            else { return nil }
            self = .ended(words.dropFirst(2).map(JobID.init(key:)), state, at: at)
        }
    }
}

extension Queue {
    /// The name of a channel in Redis.
    public func name(of channel: QueueEvent.Channel) -> String { base + channel.name }
}
