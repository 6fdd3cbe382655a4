import Figures
import Foundation
import Glibc

/// What handlers write down for the audit, beside Redis: one file a process, one line and one write an event.
///
/// A line that was written is there whatever happens to the process: the kernel has it.
struct Ledger: Sendable {
    enum Event: String, Sendable {
        case start
        /// The handler is about to return.
        case end
        /// The handler is about to throw an error.
        case fail
        /// The body of a durable step runs.
        case step
    }

    struct Entry: Sendable, Equatable {
        var at: Int
        var event: Event
        var id: String
        var attempt: Int
        /// Which step, 0 for other events.
        var step: Int
        var pid: Int32
    }

    private let descriptor: Int32

    init(appendingTo path: String) throws {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw ChaosError("cannot open \(path): \(String(cString: strerror(errno)))") }
    }

    func write(_ event: Event, _ id: String, attempt: Int, step: Int = 0) {
        let line = Array("\(Monotonic.now) \(event.rawValue) \(id) \(attempt) \(step) \(getpid())\n".utf8)
        precondition(Glibc.write(descriptor, line, line.count) == line.count, "cannot write to the ledger; disk full?")
    }

    /// All entries of all ledgers in a folder, by time.
    static func read(_ folder: String) throws -> [Entry] {
        var entries: [Entry] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".ledger") {
            let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            for line in text.split(separator: "\n") {
                guard let entry = Entry(line) else { throw ChaosError("\(name) has an unreadable line: \(line)") }
                entries.append(entry)
            }
        }
        return entries.sorted { $0.at < $1.at }
    }
}

extension Ledger.Entry {
    init?(_ line: Substring) {
        let words = line.split(separator: " ")
        guard words.count == 6, let at = Int(words[0]), let event = Ledger.Event(rawValue: String(words[1])),
            let attempt = Int(words[3]), let step = Int(words[4]), let pid = Int32(words[5])
        else { return nil }
        self.init(at: at, event: event, id: String(words[2]), attempt: attempt, step: step, pid: pid)
    }
}
