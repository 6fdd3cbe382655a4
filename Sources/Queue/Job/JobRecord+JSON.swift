internal import Foundation

extension JobRecord {
    /// The job as JSON, one line, the same everywhere: command line, HTTP and events (docs/wire.md). Times are ISO 8601
    /// with milliseconds, UTC; what is not known is null.
    public func json() -> [UInt8] {
        var out = JSONLine()
        out.field("id", text: id.text)
        out.field("type", text: body?.type)
        out.field("queue", text: (try? id.queue)?.text)
        out.field("tenant", text: body?.tenant)
        out.field("priority", text: body?.priority.name)
        out.field("state", text: state.rawValue)
        out.field("attempt", number: attempt)
        out.field("maxAttempts", number: body?.maxAttempts)
        out.field("failures", number: failures)
        out.field("crashes", number: crashes)
        out.field("args", raw: body?.arguments)
        out.field("progress", raw: progress)
        out.field("result", raw: result)
        out.field("error", raw: error?.json)
        out.field("errors", raw: Self.list(errors))
        out.field("createdAt", time: body?.createdAt)
        out.field("runAt", time: runAt)
        out.field("startedAt", time: startedAt)
        out.field("finishedAt", time: finishedAt)
        out.field("expiresAt", time: expiresAt)
        out.field("worker", text: worker)
        out.field("traceparent", text: body?.traceparent)
        out.field("parent", text: nil)
        out.field("workflow", text: nil)
        return out.finish()
    }

    private static func list(_ errors: [FailedAttempt]) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "[")]
        for error in errors {
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            var line = JSONLine()
            line.field("at", time: error.at)
            line.field("attempt", number: error.attempt)
            line.field("type", text: error.failure.type)
            line.field("message", text: error.failure.message)
            line.field("retryable", raw: Array((error.failure.retryable ? "true" : "false").utf8))
            out += line.finish()
        }
        return out + [UInt8(ascii: "]")]
    }
}

/// Writes one JSON object, its keys in the order in which they are given.
private struct JSONLine {
    private var out: [UInt8] = [UInt8(ascii: "{")]

    mutating func field(_ name: String, text: String?) {
        field(name, raw: text.flatMap { try? Array(JSONEncoder().encode($0)) })
    }

    mutating func field(_ name: String, number: Int?) {
        field(name, raw: number.map { Array(String($0).utf8) })
    }

    mutating func field(_ name: String, time ms: Int?) {
        field(name, text: ms.map(ISOTime.text))
    }

    /// JSON as it was stored; anything else is shown as a string.
    mutating func field(_ name: String, raw: [UInt8]?) {
        if out.count > 1 { out.append(UInt8(ascii: ",")) }
        out += Array("\"\(name)\":".utf8)
        guard let raw else { return out += Array("null".utf8) }
        // Foundation takes other encodings for JSON too; here only UTF-8 can stand.
        if String(validating: raw, as: UTF8.self) != nil, !raw.contains(0), !raw.starts(with: [0xEF, 0xBB, 0xBF]),
            (try? JSONSerialization.jsonObject(with: Data(raw), options: .fragmentsAllowed)) != nil
        {
            // Strings can't hold raw line ends in JSON, so any here stand between values.
            out += raw.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 }
        } else {
            out += (try? Array(JSONEncoder().encode(String(decoding: raw, as: UTF8.self)))) ?? Array("null".utf8)
        }
    }

    consuming func finish() -> [UInt8] { out + [UInt8(ascii: "}")] }
}
