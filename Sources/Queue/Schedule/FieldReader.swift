internal import Cron
internal import Foundation

/// Reads fields and collects everything that is wrong with them.
struct FieldReader {
    private let fields: JSONFields
    private(set) var errors: [FieldError] = []

    init(_ members: [(name: String, value: [UInt8])], known: [String]) {
        var values: [String: [UInt8]] = [:]
        for (name, value) in members {
            if !known.contains(name) {
                errors.append(FieldError(.unknown, name, allowed: known.joined(separator: ", ")))
            } else if values.updateValue(value, forKey: name) != nil {
                errors.append(FieldError(.repeated, name, allowed: "once"))
            }
        }
        fields = JSONFields(values: values)
    }

    mutating func read<Value>(_ body: (JSONFields) throws(QueueError) -> Value?) -> Value? {
        do throws(QueueError) {
            return try body(fields)
        } catch {
            errors.append(Self.fieldError(error))
            return nil
        }
    }

    private static func fieldError(_ error: QueueError) -> FieldError {
        if case .field(let error) = error { return error }
        return FieldError(.invalid, "args", allowed: "\(error)")
    }

    /// A text with a limited choice.
    mutating func choice<Value>(_ name: String, _ allowed: String, _ value: (String) -> Value?) -> Value? {
        read { fields throws(QueueError) in
            guard let text = try fields.text(name) else { return nil }
            guard let value = value(text) else { throw .field(.wrongValue, name, found: text, allowed: allowed) }
            return value
        }
    }

    /// A point in time, in ms.
    mutating func time(_ name: String) -> Int? {
        choice(name, "ISO 8601, such as 2031-05-04T12:00:00Z") { ISOTime.date($0)?.milliseconds }
    }

    /// `cron` with `zone` and `repeatedHour`, or `every` with `from`.
    mutating func timing() -> Timing? {
        let cron = read { fields throws(QueueError) -> CronExpression? in
            guard let text = try fields.text("cron") else { return nil }
            do throws(CronError) {
                return try CronExpression(text)
            } catch {
                throw QueueError.field(.wrongValue, "cron", found: text, allowed: "\(error)")
            }
        }
        let zone = read { fields throws(QueueError) -> Zone? in
            guard let text = try fields.text("zone") else { return nil }
            do throws(CronError) {
                return try Zone(text)
            } catch {
                throw QueueError.field(.wrongValue, "zone", found: text, allowed: "\(error)")
            }
        }
        let repeats = RepeatedHour.allCases.map(\.rawValue).joined(separator: " or ")
        let repeatedHour = choice("repeatedHour", repeats, RepeatedHour.init(rawValue:))
        let interval = read { fields throws(QueueError) in try fields.span("every", 1, 31_622_400) }
        let anchor = time("from")
        let given = Set(["cron", "every", "zone", "repeatedHour", "from"].filter { fields.values[$0] != nil })
        switch (given.contains("cron"), given.contains("every")) {
        case (false, false):
            errors.append(FieldError(.missing, "cron", allowed: "cron or every, such as \"0 3 * * *\" or 15m"))
        case (true, true):
            errors.append(FieldError(.contradiction, "cron", found: "every", allowed: "one of them"))
        case (true, false):
            if given.contains("from") {
                errors.append(FieldError(.contradiction, "from", found: "cron", allowed: "from goes with every"))
            }
            return cron.map { .cron($0, zone: zone ?? .utc, repeatedHour: repeatedHour ?? .once) }
        case (false, true):
            for name in ["zone", "repeatedHour"] where given.contains(name) {
                errors.append(FieldError(.contradiction, name, found: "every", allowed: "\(name) goes with cron"))
            }
            return interval.map { .every(interval: $0.milliseconds, anchor: anchor ?? 0) }
        }
        return nil
    }

    /// What each tick makes.
    mutating func job() -> JobSpec? {
        let before = errors.count
        let type = read { fields throws(QueueError) in
            guard let type = try fields.text("type") else {
                throw .field(.missing, "type", allowed: "the name of a job type, such as document.ingest")
            }
            return type
        }
        var job = JobSpec(type: type ?? "")
        job.version = read { fields throws(QueueError) in try fields.number("version") } ?? job.version
        job.args = fields.values["args"] ?? job.args
        job.queue = read { fields throws(QueueError) in try fields.text("queue") } ?? job.queue
        job.priority = read { fields throws(QueueError) in try fields.text("priority") } ?? job.priority
        job.tenant = read { fields throws(QueueError) in try fields.text("tenant") }
        job.limits = read { fields throws(QueueError) in try fields.limits("limits") } ?? []
        let longest = JobOptions.longest / .seconds(1)
        job.expires = read { fields throws(QueueError) in try fields.span("expires", 0, longest) }
        job.maxAttempts = read { fields throws(QueueError) in try fields.number("maxAttempts") }
        job.timeout = read { fields throws(QueueError) in try fields.span("timeout", 0.001, 2_592_000) }
        // Each field by itself, so that the mistakes of all are found.
        let fields: [(inout JobSpec) -> Void] = [
            { $0.type = type ?? $0.type }, { [job] in $0.version = job.version }, { [job] in $0.args = job.args },
            { [job] in $0.queue = job.queue }, { [job] in $0.priority = job.priority },
            { [job] in $0.tenant = job.tenant }, { [job] in $0.expires = job.expires },
            { [job] in $0.maxAttempts = job.maxAttempts }, { [job] in $0.timeout = job.timeout },
            { [job] in $0.limits = job.limits },
        ]
        for field in fields {
            var alone = JobSpec(type: "any")
            field(&alone)
            _ = read { [alone] _ throws(QueueError) -> NewJob? in try alone.job() }
        }
        guard errors.count == before else { return nil }
        return job
    }
}

extension JSONFields {
    /// A duration: a text such as `15m`, or a number of seconds.
    ///
    /// - Parameters:
    ///   - least: in seconds; `most` likewise.
    func span(_ name: String, _ least: Double, _ most: Double) throws(QueueError) -> Duration? {
        guard let value = values[name] else { return nil }
        let range = Duration.seconds(least)...Duration.seconds(most)
        let text = value.first == UInt8(ascii: "\"") ? StrictJSON.text(value) : nil
        let duration = try value.first == UInt8(ascii: "\"") ? text.flatMap { Duration(text: $0) } : self.duration(name)
        guard let duration, range.contains(duration) else {
            throw .field(
                .wrongValue, name, found: text ?? String(decoding: value, as: UTF8.self),
                allowed:
                    "a duration such as 250ms, 30s, 5m, 1h or 2d, \(range.lowerBound.text) to \(range.upperBound.text)"
            )
        }
        return duration
    }
}
