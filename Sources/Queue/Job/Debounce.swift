internal import Foundation

/// Makes one job out of many that follow each other quickly: the last one counts.
///
/// The job waits for `delay`. While it waits, another job of the same type with the same key in the same queue is not
/// stored beside it but replaces its version, arguments, priority, expiry and all other options except `limits`, and
/// starts the delay again. The caller gets the id of the waiting job. A job that comes when that one no longer waits
/// is stored and waits itself, so the last one is never lost.
public struct Debounce: Sendable, Equatable {
    /// 1 to 256 bytes. Jobs of two types with the same key have nothing to do with each other.
    public var key: String
    /// How long the job waits after the last one: 1 ms to a day.
    public var delay: Duration
    /// The longest time from the first of these jobs to the start, from `delay` to ten days; nil for ten times `delay`.
    public var maxWait: Duration?

    /// Does not check anything: `NewJob.init` throws `QueueError.field` for what is out of range.
    public init(_ key: String, delay: Duration, maxWait: Duration? = nil) {
        self.key = key
        self.delay = delay
        self.maxWait = maxWait
    }

    var longestWait: Duration { maxWait ?? delay * 10 }

    /// As in its Redis key.
    var storedKey: String { KeyText.stored(key) }

    /// The member `debounce` of a `POST /v1/jobs`.
    var json: [UInt8] {
        func seconds(_ duration: Duration) -> [UInt8] { Array("\(Double(duration.milliseconds) / 1000)".utf8) }
        return JSONText.object([
            ("key", JSONText.string(key)), ("delaySeconds", seconds(delay)), ("maxWaitSeconds", maxWait.map(seconds)),
        ])
    }

    /// - Throws: `QueueError.field` for what is out of range, and for options that exclude it.
    func validate(with options: JobOptions) throws(QueueError) {
        guard (1...256).contains(key.utf8.count) else {
            throw .field(
                .invalid, "debounce", found: "key of \(key.utf8.count) bytes", allowed: "keys of 1 to 256 bytes")
        }
        guard (Duration.milliseconds(1)...Duration.seconds(86_400)).contains(delay) else {
            throw .field(
                .invalid, "debounce", found: "delay \(delay)", allowed: "a delay (delaySeconds) of 0.001 to 86400 s")
        }
        guard (delay...Duration.seconds(864_000)).contains(longestWait) else {
            throw .field(
                .invalid, "debounce", found: "longest wait \(longestWait)",
                allowed: "a longest wait (maxWaitSeconds) from the delay to 864000 s")
        }
        if let start = options.start {
            let field = if case .at = start { "runAt" } else { "delaySeconds" }
            throw .field(.contradiction, "debounce", found: field, allowed: "one of them")
        }
        guard options.key == nil else {
            throw .field(
                .contradiction, "debounce", found: "key", allowed: "one of them: with 'key' the first job wins")
        }
    }
}

extension JSONFields {
    /// An object with `key`, `delaySeconds` and `maxWaitSeconds`.
    func debounce(_ name: String) throws(QueueError) -> Debounce? {
        guard let value = values[name] else { return nil }
        guard value.first == UInt8(ascii: "{") else {
            throw .field(
                .wrongValue, name, found: String(decoding: value, as: UTF8.self),
                allowed: #"an object such as {"key":"page-7","delaySeconds":5,"maxWaitSeconds":60}"#)
        }
        let reader = try JSONFields(value, known: ["key", "delaySeconds", "maxWaitSeconds"])
        guard let key = try reader.text("key") else {
            throw .field(.missing, "key", allowed: "the key of 'debounce', 1 to 256 bytes")
        }
        guard let delay = try reader.duration("delaySeconds") else {
            throw .field(.missing, "delaySeconds", allowed: "the delay of 'debounce', 0.001 to 86400")
        }
        return Debounce(key, delay: delay, maxWait: try reader.duration("maxWaitSeconds"))
    }
}
