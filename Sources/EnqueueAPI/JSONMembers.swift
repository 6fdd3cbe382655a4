internal import Queue

/// The members of a JSON object, each value as the bytes that stand there: what only passes through is not rewritten.
struct JSONMembers {
    private(set) var values: [String: [UInt8]] = [:]

    /// - Throws: `Problem` when the text is no JSON object, or at the first name that is not known or stands twice.
    init(_ json: [UInt8], known: [String]) throws {
        let members: [(name: String, value: [UInt8])]?
        do {
            members = try StrictJSON.members(json)
        } catch {
            throw Problem.badRequest("malformed_json", "The body is not valid JSON in UTF-8: \(error).")
        }
        guard let members else {
            throw Problem.badRequest(
                "malformed_json", "The body must be a JSON object, such as {\"type\":\"system.noop\"}.")
        }
        for (name, value) in members {
            guard known.contains(name) else {
                throw Problem.badRequest(
                    "unknown_field",
                    "There is no field '\(name.prefix(100))'. Known: \(known.joined(separator: ", ")).")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Problem.badRequest("repeated_field", "The field '\(name)' stands twice in the body.")
            }
        }
    }
}
