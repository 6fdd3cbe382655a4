internal import Foundation

/// The members of a JSON object from outside, read with the types of their fields.
struct JSONFields {
    let values: [String: [UInt8]]

    /// Members that are null count as not given.
    init(values: [String: [UInt8]]) {
        self.values = values.filter { $0.value != Array("null".utf8) }
    }

    /// - Throws: `QueueError.field` if it is not a JSON object, and for the first member that is unknown or repeated.
    init(_ json: [UInt8], known: [String]) throws(QueueError) {
        let found: [(name: String, value: [UInt8])]?
        do throws(StrictJSON.Violation) {
            found = try StrictJSON.members(json)
        } catch {
            throw .field(.malformedJSON, "The body", allowed: "\(error)")
        }
        guard let members = found else {
            throw .field(.malformedJSON, "The body", allowed: "it must be an object, such as {\"\(known[0])\":…}")
        }
        var values: [String: [UInt8]] = [:]
        for (name, value) in members {
            guard known.contains(name) else { throw .field(.unknown, name, allowed: known.joined(separator: ", ")) }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .field(.repeated, name, allowed: "once")
            }
        }
        self.init(values: values)
    }

    func text(_ name: String) throws(QueueError) -> String? {
        guard let value = values[name] else { return nil }
        guard value.first == UInt8(ascii: "\""), let text = StrictJSON.text(value) else {
            throw wrong(name, "a string")
        }
        return text
    }

    func number(_ name: String) throws(QueueError) -> Int? {
        guard values[name] != nil else { return nil }
        guard let number = double(name).flatMap({ Int(exactly: $0) }) else { throw wrong(name, "a whole number") }
        return number
    }

    /// Seconds, possibly with a fraction, rounded to milliseconds.
    func duration(_ name: String) throws(QueueError) -> Duration? {
        guard values[name] != nil else { return nil }
        let longest = JobOptions.longest / .seconds(1)
        guard let seconds = double(name), (0...longest).contains(seconds) else {
            throw wrong(name, "a number of seconds, 0 to \(Int(longest))")
        }
        return .milliseconds(Int((seconds * 1000).rounded()))
    }

    /// A list of keys: texts, or objects with `key` and `cost`.
    func limits(_ name: String) throws(QueueError) -> [LimitUse]? {
        guard let value = values[name] else { return nil }
        let form = "a list such as [\"scryfall\",{\"key\":\"tenant:42\",\"cost\":3}]"
        guard let list = try? JSONDecoder().decode([LimitForm].self, from: Data(value)) else {
            throw wrong(name, form)
        }
        return list.map(\.use)
    }

    private struct LimitForm: Decodable {
        let use: LimitUse

        private enum CodingKeys: CodingKey { case key, cost }

        init(from decoder: any Decoder) throws {
            if let key = try? decoder.singleValueContainer().decode(String.self) {
                use = LimitUse(key)
                return
            }
            let members = try decoder.container(keyedBy: CodingKeys.self)
            use = LimitUse(
                try members.decode(String.self, forKey: .key),
                cost: try members.decodeIfPresent(Int.self, forKey: .cost) ?? 1)
        }
    }

    private func double(_ name: String) -> Double? {
        guard let value = values[name], let first = value.first,
            first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return nil }
        return Double(String(decoding: value, as: UTF8.self))
    }

    private func wrong(_ name: String, _ allowed: String) -> QueueError {
        .field(.wrongValue, name, found: values[name].map { String(decoding: $0, as: UTF8.self) }, allowed: allowed)
    }
}
