import Figures
import Foundation

/// The page of figures: the output of `bench`, `chaos` and others, with machine and date.
struct Report {
    let markdown: String

    private struct Line: Decodable {
        var figure: String
        var value: Double?
        var unit: String
        var wanted: String?
        var ok: Bool?
        var beside: [String: Double?]
        var spread: [Double]?
        var runs: Int
        var command: String
    }

    init(_ flags: Flags) throws {
        var flags = flags
        let machine = try flags.required("--machine")
        let date = try flags.required("--date")
        let files = try flags.words()
        guard !files.isEmpty else { throw UsageError("report needs files with figures") }
        var lines: [Line] = []
        for file in files {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw UsageError("cannot read \(file)")
            }
            for line in text.split(separator: "\n") {
                do {
                    lines.append(try JSONDecoder().decode(Line.self, from: Data(line.utf8)))
                } catch {
                    throw BenchError("\(file) has a line that is not a figure: \(line)")
                }
            }
        }
        markdown = Self.page(lines, machine: machine, date: date)
    }

    private static func page(_ lines: [Line], machine: String, date: String) -> String {
        var page = """
            # Figures

            Measured on \(machine), \(date). `make figures` writes this page.

            A value is the median of its runs, followed by the smallest and the largest in brackets. The last column
            has what was measured in the same run for comparison, with the ratio of the value to it in brackets.
            `redis_ceiling`: the same scripts in a bare loop, without worker and handlers.

            | figure | value | wanted | beside |
            |---|---|---|---|

            """
        for line in lines {
            var value = "**\(shown(line.value))** \(line.unit)"
            if let spread = line.spread, spread.count == 2, line.runs > 1 {
                value += " (\(shown(spread[0]))–\(shown(spread[1])), \(line.runs) runs)"
            }
            let wanted = line.wanted.map { "\($0) \(line.ok == true ? "✓" : "**missed**")" } ?? ""
            let beside = line.beside.sorted { $0.key < $1.key }.map { name, other in
                "\(name) \(shown(other))" + (ratio(line.value, other).map { " (×\($0))" } ?? "")
            }
            page += "| `\(line.figure)` | \(value) | \(wanted) | \(beside.joined(separator: "<br>")) |\n"
        }
        let commands = Set(lines.map(\.command)).sorted().map { "`\($0)`" }
        return page + "\nCommands: \(commands.joined(separator: ", ")).\n"
    }

    private static func ratio(_ value: Double?, _ other: Double?) -> String? {
        guard let value, let other, value > 0, other > 0 else { return nil }
        let ratio = value / other
        return ratio >= 10 ? "\(Int(ratio.rounded()))" : String(format: "%.2f", ratio)
    }

    /// With commas between thousands.
    private static func shown(_ value: Double?) -> String {
        guard let value else { return "not measured" }
        guard value >= 1000, value == value.rounded() else {
            return value == value.rounded() ? "\(Int(value))" : "\(value)"
        }
        var digits = Array(String(Int(value)))
        var i = digits.count - 3
        while i > 0 {
            digits.insert(",", at: i)
            i -= 3
        }
        return String(digits)
    }
}
