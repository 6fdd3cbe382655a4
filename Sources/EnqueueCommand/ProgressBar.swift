internal import Foundation
internal import Programs
internal import Synchronization

/// One line on standard error that is redrawn; nothing at all if that is not a terminal.
final class ProgressBar: Sendable {
    let isShown: Bool
    private let drawn = Mutex<(line: String, at: ContinuousClock.Instant?)>(("", nil))

    init() {
        isShown = Terminal.isOne(.standardError)
    }

    func show(_ done: Int, of total: Int?, note: String?) {
        guard isShown else { return }
        let text = Self.line(done, of: total, note: note)
        drawn.withLock { drawn in
            // At most 20 a second, but always the last one.
            if let at = drawn.at, done != total, at.duration(to: .now) < .milliseconds(50) { return }
            drawn = (text, .now)
            Terminal.write("\r\u{1B}[K" + text, to: .standardError)
        }
    }

    /// - Parameter json: the job's `progress`.
    func show(progress json: [UInt8]) {
        struct Progress: Decodable {
            let done: Int
            let of: Int?
            let note: String?
        }
        guard isShown, let progress = try? JSONDecoder().decode(Progress.self, from: Data(json)) else { return }
        show(progress.done, of: progress.of, note: progress.note)
    }

    func clear() {
        guard isShown else { return }
        drawn.withLock { drawn in
            if !drawn.line.isEmpty { Terminal.write("\r\u{1B}[K", to: .standardError) }
            drawn = ("", nil)
        }
    }

    /// Prints in place of the bar.
    func without(_ print: () -> Void) {
        clear()
        print()
    }

    static func line(_ done: Int, of total: Int?, note: String?) -> String {
        let note = note.map { "  " + Output.plain($0.prefix(60)) } ?? ""
        guard let total, total > 0 else { return "\(done)\(note)" }
        let width = 30
        let filled = min(width, max(0, Int(Double(done) / Double(total) * Double(width))))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return "\(bar) \(done)/\(total)\(note)"
    }
}
