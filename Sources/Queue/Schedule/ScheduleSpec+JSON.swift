internal import Cron
internal import Foundation

/// All mistakes of a schedule's description.
public struct ScheduleErrors: Error, Sendable, Equatable, CustomStringConvertible {
    /// At least one.
    public let errors: [FieldError]

    public var description: String { errors.map(\.description).joined(separator: "\n") }
}

extension ScheduleSpec {
    package static let fields = [
        "name", "cron", "every", "from", "zone", "repeatedHour", "type", "version", "args", "queue", "priority",
        "tenant", "limits", "expires", "maxAttempts", "timeout", "jitter", "catchUp", "overlap", "pauseAfterFailures",
        "until",
    ]

    /// Reads the JSON object of a schedule: as in `PUT /v1/schedules/{name}`, and as it is stored.
    ///
    /// - Throws: `ScheduleErrors` with everything that is wrong.
    public init(json: [UInt8]) throws(ScheduleErrors) {
        let members: [(name: String, value: [UInt8])]?
        do throws(StrictJSON.Violation) {
            members = try StrictJSON.members(json)
        } catch {
            throw ScheduleErrors(errors: [FieldError(.malformedJSON, "The body", allowed: "\(error)")])
        }
        guard let members else {
            let allowed = "it must be an object, such as {\"name\":…}"
            throw ScheduleErrors(errors: [FieldError(.malformedJSON, "The body", allowed: allowed)])
        }
        try self.init(members: members)
    }

    /// Reads a schedule from its fields, each with its value as JSON.
    ///
    /// - Throws: `ScheduleErrors` with everything that is wrong.
    package init(members: [(name: String, value: [UInt8])]) throws(ScheduleErrors) {
        var reader = FieldReader(members, known: Self.fields)
        let name = reader.read { fields throws(QueueError) in
            guard let name = try fields.text("name") else {
                throw .field(.missing, "name", allowed: "the schedule's name, such as nightly-backup")
            }
            guard Self.isName(name) else {
                throw .field(.invalid, "name", found: name, allowed: "1 to 40 of A-Z, a-z, 0-9, '_' and '-'")
            }
            return name
        }
        let timing = reader.timing()
        let job = reader.job()
        self.init(
            name: name ?? "", timing: timing ?? .every(interval: 1000, anchor: 0), job: job ?? JobSpec(type: ""))
        if let jitter = reader.read({ fields throws(QueueError) in try fields.span("jitter", 0, 86_400) }) {
            self.jitter = jitter
        }
        let catchUp: CatchUp? = reader.choice("catchUp", "none, latest, all or all:<limit>, limit 1 to 1000") {
            CatchUp($0)
        }
        if let catchUp { self.catchUp = catchUp }
        let overlaps = Overlap.allCases.map(\.rawValue).joined(separator: ", ")
        if let overlap = reader.choice("overlap", overlaps, Overlap.init(rawValue:)) { self.overlap = overlap }
        pauseAfterFailures = reader.read { fields throws(QueueError) in
            guard let count = try fields.number("pauseAfterFailures") else { return nil }
            guard (1...1000).contains(count) else {
                throw .field(.invalid, "pauseAfterFailures", found: "\(count)", allowed: "1 to 1000")
            }
            return count
        }
        until = reader.time("until")
        if !reader.errors.isEmpty { throw ScheduleErrors(errors: reader.errors) }
    }

    /// The same as an object on one line; `init(json:)` reads it.
    public var json: [UInt8] {
        func text(_ text: String?) -> [UInt8]? { text.map { JSONText.string($0) } }
        var members: [(String, [UInt8]?)] = [("name", text(name))] + timingMembers
        members += [
            ("type", text(job.type)), ("version", JSONText.number(job.version)), ("args", job.args),
            ("queue", text(job.queue)), ("priority", text(job.priority)), ("tenant", text(job.tenant)),
            ("limits", job.limits.isEmpty ? nil : JSONText.array(job.limits.map(\.json))),
            ("expires", text(job.expires?.text)), ("maxAttempts", job.maxAttempts.map(JSONText.number)),
            ("timeout", text(job.timeout?.text)), ("jitter", text(jitter.text)), ("catchUp", text(catchUp.text)),
            ("overlap", text(overlap.rawValue)),
            ("pauseAfterFailures", pauseAfterFailures.map(JSONText.number)), ("until", text(until.map(ISOTime.text))),
        ]
        return JSONText.object(members.filter { $0.1 != nil })
    }

    private var timingMembers: [(String, [UInt8]?)] {
        switch timing {
        case .cron(let expression, let zone, let repeatedHour):
            [
                ("cron", JSONText.string(expression.text)), ("zone", JSONText.string(zone.identifier)),
                ("repeatedHour", JSONText.string(repeatedHour.rawValue)),
            ]
        case .every(let interval, let anchor):
            [
                ("every", JSONText.string(Duration.milliseconds(interval).text)),
                ("from", JSONText.string(ISOTime.text(anchor))),
            ]
        }
    }

    /// Changes with everything that is stored.
    var revision: String { Payload(json).digest }

    /// Changes with what determines its ticks.
    var timingRevision: String {
        let end = until.map { "\($0)" } ?? ""
        return Payload(JSONText.object(timingMembers.filter { $0.1 != nil }) + Array(end.utf8)).digest
    }
}
