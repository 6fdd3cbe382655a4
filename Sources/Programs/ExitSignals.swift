internal import ArgumentParser
internal import Glibc
internal import Synchronization

/// Signals that end a command only when it has put away what it opened.
package enum ExitSignals {
    /// SIGPIPE comes when the reader of the output has gone.
    package static let all = [SIGINT, SIGTERM, SIGHUP, SIGPIPE]

    private static let listens = Atomic<Bool>(false)

    /// Runs `body`. The first of the signals cancels it; the same once more ends the process at once. To be called once.
    ///
    /// - Parameter signals: none to leave them all as they are; one that is ignored, as after nohup, stays so.
    /// - Throws: what `body` throws; `ExitCode` 128 and the signal, when one has come and `body` has ended.
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
                // Whichever ends first; the other is cancelled and waited for.
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        // One that came while `body` was ending.
        guard ProcessSignals.firstCode == 0 else { throw ExitCode(ProcessSignals.firstCode) }
    }

    /// Ends the command with this code as a signal would: what it opened is put away first.
    static func end(with code: Int32) {
        guard listens.load(ordering: .acquiring) else { Glibc.exit(code) }
        ProcessSignals.raise(code)
    }
}
