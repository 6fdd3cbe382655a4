import Cron
import Foundation

/// Decodes a file of the folder `Fixtures`.
func fixture<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
    let url = Bundle.module.bundleURL.appendingPathComponent("Fixtures/" + name)
    return try JSONDecoder().decode(type, from: Data(contentsOf: url))
}

/// In ms, from a time with its offset such as `2026-03-29T02:30+01:00` or `2026-03-29T01:30Z`.
func ms(_ text: String) -> Int {
    let split = text.index(text.startIndex, offsetBy: 16)
    guard let time = try? Date(text[..<split] + ":00" + text[split...], strategy: .iso8601) else {
        preconditionFailure("\(text) is no time")
    }
    return Int(time.timeIntervalSince1970) * 1_000
}

func cron(_ text: String, _ zone: String = "UTC", _ repeatedHour: RepeatedHour = .once) throws -> Timing {
    .cron(try CronExpression(text), zone: try Zone(zone), repeatedHour: repeatedHour)
}

extension Timing {
    /// All ticks from `start` on and before `end`.
    func ticks(from start: Int, before end: Int) -> [Int] {
        Array(sequence(first: start - 1) { self.next(after: $0) }.dropFirst().prefix { $0 < end })
    }

    /// The first ticks from `start` on.
    func ticks(from start: Int, count: Int) -> [Int] {
        Array(sequence(first: start - 1) { self.next(after: $0) }.dropFirst().prefix(count))
    }
}
