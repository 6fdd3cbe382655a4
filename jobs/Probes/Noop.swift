internal import Queue
internal import Worker

/// Does nothing; accepts any arguments. Result: null.
enum Noop {
    static let handler = Handler(raw: "system.noop") { _, _ in .null }
}
