internal import Glibc
internal import Logging

/// One log record, written so that nothing in it can begin a new line or control a terminal.
struct LogLine {
    let level: Logger.Level
    let label: String
    let message: String
    let facts: Logger.Metadata

    enum Style: Sendable, Equatable {
        case json
        case text(coloured: Bool)
    }

    /// Metadata that comes first, in this order: what readers look for.
    private static let first = ["job", "type", "queue", "attempt", "trace"]

    private var sortedFacts: [(key: String, value: Logger.Metadata.Value)] {
        let rest = facts.keys.filter { !Self.first.contains($0) }.sorted()
        return (Self.first + rest).compactMap { key in facts[key].map { (key, $0) } }
    }

    /// The line with its newline.
    func bytes(_ style: Style, at time: Timestamp) -> [UInt8] {
        var line = ""
        line.reserveCapacity(256)
        switch style {
        case .json: writeJSON(to: &line, time)
        case .text(let coloured): writeText(to: &line, time, coloured)
        }
        line += "\n"
        return Array(line.utf8)
    }

    private func writeJSON(to line: inout String, _ time: Timestamp) {
        line += "{\"time\":\"\(time.iso8601)\",\"level\":\"\(level.rawValue)\",\"message\":"
        line.appendJSON(message)
        line += ",\"logger\":"
        line.appendJSON(label)
        for (key, value) in sortedFacts {
            line += ","
            // A metadata key with such a name would hide the line's own key.
            line.appendJSON(["time", "level", "message", "logger"].contains(key) ? key + "_" : key)
            line += ":"
            line.appendJSON(value)
        }
        line += "}"
    }

    private func writeText(to line: inout String, _ time: Timestamp, _ coloured: Bool) {
        let (on, off) = coloured ? (colour, "\u{1B}[0m") : ("", "")
        let name = level.rawValue.uppercased()
        line += "\(time.clock) \(on)\(name)\(off)\(String(repeating: " ", count: max(0, 8 - name.count))) "
        line.appendPrintable(message)
        for (key, value) in sortedFacts {
            line += "  "
            line.appendPrintable(key)
            line += "="
            line.appendPrintable("\(value)")
        }
    }

    private var colour: String {
        switch level {
        case .trace, .debug: "\u{1B}[2m"
        case .info, .notice: "\u{1B}[32m"
        case .warning: "\u{1B}[33m"
        case .error, .critical: "\u{1B}[31m"
        }
    }
}

/// A moment to the millisecond.
struct Timestamp {
    let seconds: Int
    let milliseconds: Int

    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    /// `2026-07-01T12:34:56.789Z`
    var iso8601: String {
        var parts = tm()
        var seconds = seconds
        gmtime_r(&seconds, &parts)
        let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        return "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(three)Z"
    }

    /// `12:34:56.789` in local time.
    var clock: String {
        var parts = tm()
        var seconds = seconds
        localtime_r(&seconds, &parts)
        return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(three)"
    }

    private var three: String { String("\(1000 + milliseconds)".dropFirst()) }

    private func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension String {
    fileprivate mutating func appendJSON(_ value: Logger.Metadata.Value) {
        switch value {
        case .string(let text): appendJSON(text)
        case .stringConvertible(let number as Int): self += "\(number)"
        case .stringConvertible(let number as Double) where number.isFinite: self += "\(number)"
        case .stringConvertible(let flag as Bool): self += "\(flag)"
        case .stringConvertible(let other): appendJSON("\(other)")
        case .array(let values):
            self += "["
            for (i, value) in values.enumerated() {
                if i > 0 { self += "," }
                appendJSON(value)
            }
            self += "]"
        case .dictionary(let values):
            self += "{"
            for (i, (key, value)) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if i > 0 { self += "," }
                appendJSON(key)
                self += ":"
                appendJSON(value)
            }
            self += "}"
        }
    }

    fileprivate mutating func appendJSON(_ text: String) {
        self += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": self += "\\\""
            case "\\": self += "\\\\"
            case "\n": self += "\\n"
            case "\r": self += "\\r"
            case "\t": self += "\\t"
            default:
                if scalar.isPrintable {
                    unicodeScalars.append(scalar)
                } else {
                    appendEscape(scalar)
                }
            }
        }
        self += "\""
    }

    /// For a terminal: control characters and line ends are written as escapes.
    fileprivate mutating func appendPrintable(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": self += "\\n"
            case "\r": self += "\\r"
            case "\t": self += "\\t"
            default:
                if scalar.isPrintable {
                    unicodeScalars.append(scalar)
                } else {
                    appendEscape(scalar)
                }
            }
        }
    }

    /// `\u001b`; used only for scalars below U+10000.
    private mutating func appendEscape(_ scalar: Unicode.Scalar) {
        let digits = String(scalar.value, radix: 16)
        self += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension Unicode.Scalar {
    /// No control character, no line or paragraph separator, nothing that changes the direction of text.
    fileprivate var isPrintable: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: false
        default: true
        }
    }
}
