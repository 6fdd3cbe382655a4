internal import Foundation

/// The members of a JSON object, each value as the bytes that stand there: what only passes through is not rewritten.
struct JSONMembers {
    private(set) var values: [String: [UInt8]] = [:]

    /// - Throws: `Problem` when the text is no JSON object, or at the first name that is not known or stands twice.
    init(_ json: [UInt8], known: [String]) throws {
        let object: Any
        do {
            object = try JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed)
        } catch {
            let reason = (error as NSError).userInfo["NSDebugDescription"] as? String ?? "It can't be parsed."
            throw Problem.badRequest("malformed_json", "The body is not valid JSON: \(reason)")
        }
        guard object is [String: Any] else {
            throw Problem.badRequest(
                "malformed_json", "The body must be a JSON object, such as {\"type\":\"system.noop\"}.")
        }
        // Valid, so what follows only has to find where members begin and end.
        var scanner = Scanner(json)
        while let (name, value) = scanner.next() {
            let name = try JSONDecoder().decode(String.self, from: Data(name))
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

    /// Walks over the members of one valid object.
    private struct Scanner {
        private let json: [UInt8]
        private var position: Int

        init(_ json: [UInt8]) {
            self.json = json
            position = (json.firstIndex(of: UInt8(ascii: "{")) ?? json.endIndex) + 1
        }

        /// The next name, in its quotes, and its value; nil at the end.
        mutating func next() -> (name: [UInt8], value: [UInt8])? {
            skipGap()
            guard position < json.count, json[position] == UInt8(ascii: "\"") else { return nil }
            let name = value()
            skipGap()
            return (name, value())
        }

        private mutating func skipGap() {
            while position < json.count, Self.isGap(json[position]) { position += 1 }
        }

        /// What stands between names and values.
        private static func isGap(_ byte: UInt8) -> Bool {
            byte <= UInt8(ascii: " ") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":")
        }

        /// Up to where the value that begins here ends.
        private mutating func value() -> [UInt8] {
            let start = position
            var depth = 0
            var inString = false
            while position < json.count {
                let byte = json[position]
                if inString {
                    if byte == UInt8(ascii: "\\") { position += 1 }
                    if byte == UInt8(ascii: "\"") { inString = false }
                    if !inString, depth == 0 {
                        position += 1
                        break
                    }
                } else if byte == UInt8(ascii: "\"") {
                    inString = true
                } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                    depth += 1
                } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                    depth -= 1
                    if depth < 0 { break }
                    if depth == 0 {
                        position += 1
                        break
                    }
                } else if depth == 0, byte == UInt8(ascii: ",") || byte <= UInt8(ascii: " ") {
                    break
                }
                position += 1
            }
            return Array(json[start..<min(position, json.count)])
        }
    }
}
