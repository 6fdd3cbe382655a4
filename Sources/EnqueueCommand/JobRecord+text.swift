internal import Foundation
internal import Programs
internal import Queue

extension JobRecord {
    /// The job for people: one line per fact, without unknown ones.
    var lines: [String] {
        guard state != .unknown else { return ["\(id) unknown: it was never stored here, or is forgotten by now"] }
        var lines = ["\(id) \(state.rawValue)"]
        func line(_ name: String, _ value: String?) {
            if let value {
                lines.append("  " + name.padding(toLength: 10, withPad: " ", startingAt: 0) + Output.plain(value))
            }
        }
        line("type", body?.type)
        line("priority", body?.priority.name)
        line("tenant", body?.tenant)
        line("waits for", waitsFor)
        line("behind", blockedBy?.text)
        line("attempt", attempt > 0 ? "\(attempt), failures \(failures), crashes \(crashes)" : nil)
        line("cancel", cancelRequested ? "requested; its worker has been told" : nil)
        line("args", (body?.arguments.bytes).map(Self.short))
        line("progress", progress.map(Self.short))
        line("result", (result?.bytes).map(Self.short))
        line("error", error.map { "\($0.type): \($0.message)" })
        line("created", body.map { Self.time($0.createdAt) })
        line("due", runAt.map(Self.time))
        line("started", startedAt.map(Self.time))
        line("finished", finishedAt.map(Self.time))
        line("worker", worker)
        return lines
    }

    /// The job in one line of a list.
    var row: String {
        let time = finishedAt ?? startedAt ?? runAt ?? body?.createdAt
        let parts = [
            id.text, body?.type ?? "?", "attempt \(attempt)", time.map(Self.time),
            error.map { "\($0.type): \($0.message)" },
        ]
        return Output.plain(parts.compactMap { $0 }.joined(separator: "  "))
    }

    private static func short(_ bytes: [UInt8]) -> String {
        bytes.count <= 200
            ? String(decoding: bytes, as: UTF8.self) : String(decoding: bytes.prefix(200), as: UTF8.self) + " …"
    }

    private static func time(_ ms: Int) -> String { ISOTime.text(ms) }
}
