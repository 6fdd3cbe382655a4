import Cron
import Foundation
import Testing

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
    /// All ticks from `start` on and before `end`, at most `count`. Each must be later than the one before.
    func ticks(from start: Int, before end: Int = .max, count: Int = .max) -> [Int] {
        var (ticks, after): ([Int], Int) = ([], start - 1)
        while ticks.count < count, let tick = next(after: after), tick < end {
            guard tick > after else {
                Issue.record("\(tick) is not after \(after)")
                break
            }
            ticks.append(tick)
            after = tick
        }
        return ticks
    }
}
