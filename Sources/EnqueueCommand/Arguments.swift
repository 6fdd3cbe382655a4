internal import ArgumentParser
internal import Foundation
internal import Queue
internal import Settings

/// The flag that every command has.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON: one object, or one line per object.")
    var json = false
}

/// How arguments are parsed; each refusal says what is allowed.
enum Read {
    static let id: @Sendable (String) throws -> JobID = { text in try JobID(text) }

    static let queue: @Sendable (String) throws -> QueueName = { text in try QueueName(text) }

    /// `250ms`, `10s`, `5m`, `1h`, `7d`.
    static let duration: @Sendable (String) throws -> Duration = { text in
        guard let duration = Duration(text: text) else {
            throw Refusal("use a whole number and ms, s, m, h or d, such as 10s")
        }
        return duration
    }

    /// `scryfall`, or with a cost `scryfall=3`.
    static let limit: @Sendable (String) throws -> LimitUse = { text in
        guard let mark = text.lastIndex(of: "=") else { return LimitUse(text) }
        guard let cost = Int(text[text.index(after: mark)...]) else {
            throw Refusal("use KEY or KEY=COST with a whole number, such as scryfall=3")
        }
        return LimitUse(String(text[..<mark]), cost: cost)
    }

    static let afterDead: @Sendable (String) throws -> JobSequence.AfterDead = { text in
        guard let word = JobSequence.AfterDead(rawValue: text) else { throw Refusal("use halt or goOn") }
        return word
    }

    private struct Refusal: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}
