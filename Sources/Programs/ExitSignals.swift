internal import ArgumentParser
internal import Glibc
internal import Synchronization

/// Signals that end a command only after it has closed what it opened.
package enum ExitSignals {
    /// SIGPIPE comes when the reader of the output has gone away.
    package static let all = [SIGINT, SIGTERM, SIGHUP, SIGPIPE]

    private static let listens = Atomic<Bool>(false)

    /// Runs `body`. The first of the signals cancels it; the same signal again ends the process at once. Call this
    /// once.
    ///
    /// - Parameter signals: none to leave all signals as they are; one that is ignored, as after nohup, stays ignored.
    /// - Throws: what `body` throws; `ExitCode` 128 plus the signal, if one has come and `body` has ended.
    package static func run(catching signals: [Int32], _ body: () async throws -> Void) async throws {
        guard !signals.isEmpty else { return try await body() }
        let (codes, told) = AsyncStream<Int32>.makeStream()
        ProcessSignals.listen(to: signals, once: true) { _ in told.yield(ProcessSignals.firstCode) }
        listens.store(true, ordering: .releasing)
        try await withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body  // called by one task, which has ended when the group has
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await body() }
                group.addTask {
                    for await code in codes { throw ExitCode(code) }
                }
                // Whichever ends first; the other is cancelled, and this waits for it.
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        // A signal that came while `body` was ending.
        guard ProcessSignals.firstCode == 0 else { throw ExitCode(ProcessSignals.firstCode) }
    }

    /// Ends the command with this code as a signal would: what it opened is closed first.
    static func end(with code: Int32) {
        guard listens.load(ordering: .acquiring) else { Glibc.exit(code) }
        ProcessSignals.raise(code)
    }
}
