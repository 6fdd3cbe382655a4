internal import Foundation

/// Lets one call of a handler answer many jobs: a service that takes 75 identifiers a call is asked once for 75 jobs.
///
/// A job waits until `upTo` jobs of its type with the same key are there, or until the first of them has waited for
/// `within`. Then a worker takes them together in one slot, and its handler returns one result for each
/// (`Handler(collecting:)`). Each stays a job of its own, with its id, attempts, result and end.
public struct Collect: Sendable, Equatable {
    /// 1 to 128 bytes. Jobs of two types with the same key are never taken together.
    public var key: String
    /// How many jobs one call answers at most: 1 to 1,000. If the jobs of a key differ, that of the next one decides how
    /// many are taken, and that of the newest one whether enough wait.
    public var upTo: Int
    /// How long a job waits for others, from when it is ready: 0 to a day. It may wait longer for a free worker.
    public var within: Duration

    /// Does not check anything: `NewJob.init` throws `QueueError.field` for what is out of range.
    public init(_ key: String, upTo: Int, within: Duration) {
        self.key = key
        self.upTo = upTo
        self.within = within
    }

    /// As in its Redis key.
    var storedKey: String { KeyText.stored(key) }

    /// The member `collect` of a `POST /v1/jobs`.
    var json: [UInt8] {
        JSONText.object([
            ("key", JSONText.string(key)), ("upTo", JSONText.number(upTo)),
            ("withinSeconds", Array("\(Double(within.milliseconds) / 1000)".utf8)),
        ])
    }

    /// - Throws: `QueueError.field` for what is out of range, and for options that exclude it.
    func validate(with options: JobOptions) throws(QueueError) {
        guard (1...128).contains(key.utf8.count) else {
            throw .field(
                .invalid, "collect", found: "key of \(key.utf8.count) bytes", allowed: "keys of 1 to 128 bytes")
        }
        guard (1...1000).contains(upTo) else {
            throw .field(.invalid, "collect", found: "upTo \(upTo)", allowed: "upTo from 1 to 1000")
        }
        guard (.zero...Duration.seconds(86_400)).contains(within) else {
            throw .field(
                .invalid, "collect", found: "within \(within)", allowed: "a time (withinSeconds) of 0 to 86400 s")
        }
        for (field, isGiven) in [
            ("limits", !options.limits.isEmpty), ("sequence", options.sequence != nil),
            ("debounce", options.debounce != nil), ("tenant", options.tenant != nil),
        ] where isGiven {
            throw .field(
                .contradiction, "collect", found: field,
                allowed: "one of them: the handler of collected jobs asks for permits, for all of them")
        }
    }
}

extension JSONFields {
    /// An object with `key`, `upTo` and `withinSeconds`.
    func collect(_ name: String) throws(QueueError) -> Collect? {
        guard let value = values[name] else { return nil }
        guard value.first == UInt8(ascii: "{") else {
            throw .field(
                .wrongValue, name, found: String(decoding: value, as: UTF8.self),
                allowed: #"an object such as {"key":"cards","upTo":75,"withinSeconds":0.2}"#)
        }
        let reader = try JSONFields(value, known: ["key", "upTo", "withinSeconds"])
        guard let key = try reader.text("key") else {
            throw .field(.missing, "key", allowed: "the key of 'collect', 1 to 128 bytes")
        }
        guard let upTo = try reader.number("upTo") else {
            throw .field(.missing, "upTo", allowed: "how many jobs one call answers, 1 to 1000")
        }
        guard let within = try reader.duration("withinSeconds") else {
            throw .field(.missing, "withinSeconds", allowed: "how long a job waits for others, 0 to 86400")
        }
        return Collect(key, upTo: upTo, within: within)
    }
}
