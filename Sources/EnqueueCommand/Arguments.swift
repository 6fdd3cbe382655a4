internal import ArgumentParser
internal import Foundation
internal import Queue
internal import Settings

/// The flag that every command has.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON: one object, or one line per object.")
    var json = false
}

/// How arguments are read: each refusal says what would do.
enum Read {
    static let id: @Sendable (String) throws -> JobID = { text in try JobID(text) }

    static let queue: @Sendable (String) throws -> QueueName = { text in try QueueName(text) }

    static let state: @Sendable (String) throws -> JobState = { text in
        guard let state = JobState(rawValue: text), state != .unknown else {
            throw Refusal("use scheduled, queued, running, retrying, succeeded, dead, cancelled or expired")
        }
        return state
    }

    /// `250ms`, `10s`, `5m`, `1h`, `7d`.
    static let duration: @Sendable (String) throws -> Duration = { text in
        guard let duration = Duration(text: text) else {
            throw Refusal("use a whole number and ms, s, m, h or d, such as 10s")
        }
        return duration
    }

    private struct Refusal: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}
