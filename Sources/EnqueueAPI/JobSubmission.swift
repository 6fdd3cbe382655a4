internal import Foundation
internal import Queue

/// The body of `POST /v1/jobs`.
struct JobSubmission {
    private let fields: [String: [UInt8]]

    private static let known = [
        "type", "args", "queue", "priority", "delaySeconds", "runAt", "expiresSeconds", "maxAttempts", "timeoutSeconds",
        "key", "tenant",
    ]

    /// - Throws: `Problem` when it is no JSON object, or has a field that doesn't exist.
    init(_ json: [UInt8]) throws {
        // What is null counts as not given.
        fields = try JSONMembers(json, known: Self.known).values.filter { $0.value != Array("null".utf8) }
    }

    /// - Parameters:
    ///   - idempotencyKey: the header; while anything is known of the job that holds it, it stands for another, a day
    ///     long at most.
    ///   - traceparent: the header.
    /// - Throws: `Problem`, `QueueError`.
    func job(idempotencyKey: String?, traceparent: String?, payloadLimit: Int) throws -> NewJob {
        guard let type = try text("type") else {
            throw Problem.badRequest("missing_field", "The field 'type' is missing.")
        }
        var options = JobOptions(
            expiry: try duration("expiresSeconds").map { .after($0) }, maxAttempts: try number("maxAttempts"),
            timeout: try duration("timeoutSeconds"), tenant: try text("tenant"),
            traceparent: traceparent.flatMap { JobOptions.isTraceparent($0) ? $0 : nil })
        if let name = try text("priority") {
            guard let priority = Priority(name: name) else {
                throw wrong("priority", "use critical, high, default or low")
            }
            options.priority = priority
        }
        options.start = try start()
        options.key = try key(idempotencyKey)
        return try NewJob(
            type, arguments: fields["args"] ?? Array("{}".utf8),
            in: try text("queue").map { name throws(QueueError) in try QueueName(name) } ?? .default, options: options,
            limit: payloadLimit)
    }

    private func start() throws -> JobOptions.Start? {
        let delay = try duration("delaySeconds")
        guard let time = try text("runAt") else { return delay.map { .after($0) } }
        guard delay == nil else {
            throw Problem.badRequest("contradiction", "'delaySeconds' and 'runAt' exclude each other.")
        }
        guard let date = ISOTime.date(time) else {
            throw wrong("runAt", "use ISO 8601, such as 2031-05-04T12:00:00Z")
        }
        return .at(date)
    }

    private func key(_ header: String?) throws -> IdempotencyKey? {
        switch (header, try text("key")) {
        case (nil, nil): nil
        case (nil, let key?): IdempotencyKey(key)
        case (let header?, nil):
            // A client that lost an answer must get the same job, also when that has ended meanwhile.
            IdempotencyKey(header, while: Set(JobState.allCases).subtracting([.unknown]), period: .seconds(86_400))
        case (_?, _?):
            throw Problem.badRequest(
                "contradiction", "The header Idempotency-Key and the field 'key' exclude each other.")
        }
    }

    private func text(_ name: String) throws -> String? { try read(name, "use a string") }

    private func number(_ name: String) throws -> Int? { try read(name, "use a whole number") }

    /// Seconds, also with a fraction, to the millisecond.
    private func duration(_ name: String) throws -> Duration? {
        guard let seconds: Double = try read(name, "use a number of seconds") else { return nil }
        guard (0...315_360_000).contains(seconds) else { throw wrong(name, "use 0 to 315360000 seconds") }
        return .milliseconds(Int((seconds * 1000).rounded()))
    }

    private func read<Value: Decodable>(_ name: String, _ wanted: String) throws -> Value? {
        guard let json = fields[name] else { return nil }
        guard let value = try? JSONDecoder().decode(Value.self, from: Data(json)) else { throw wrong(name, wanted) }
        return value
    }

    private func wrong(_ name: String, _ wanted: String) -> Problem {
        .badRequest("wrong_value", "The field '\(name)' has a value that can't be: \(wanted).")
    }
}
