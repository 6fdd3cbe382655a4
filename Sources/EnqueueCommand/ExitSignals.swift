internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Settings
internal import Synchronization

/// Signals that end a command only when it has put away what it opened.
enum ExitSignals {
    /// SIGPIPE comes when the reader of the output has gone.
    static let all = [SIGINT, SIGTERM, SIGHUP, SIGPIPE]

    /// The exit code of the signal that came.
    private static let caught = Atomic<Int32>(0)
    private static let listens = Atomic<Bool>(false)
    nonisolated(unsafe) private static let bell: UnsafeMutablePointer<sem_t> = {  // sem_post and sem_wait are its lock
        let bell = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        sem_init(bell, 0, 0)
        return bell
    }()

    /// Runs `body`. The first of the signals cancels it; the same once more ends the process at once. To be called once.
    ///
    /// - Parameter signals: none to leave them all as they are; one that is ignored, as after nohup, stays so.
    /// - Throws: what `body` throws; `ExitCode` 128 and the signal, when one has come and `body` has ended.
    static func run(catching signals: [Int32], _ body: () async throws -> Void) async throws {
        guard !signals.isEmpty else { return try await body() }
        let codes = listen(to: signals)
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
    }

    private static func listen(to signals: [Int32]) -> AsyncStream<Int32> {
        _ = bell  // made here, as the number's place is, and not in a handler
        caught.store(0, ordering: .relaxed)
        let (codes, told) = AsyncStream<Int32>.makeStream()
        let thread = Thread {
            while sem_wait(bell) != 0 {}
            told.yield(caught.load(ordering: .relaxed))
        }
        thread.name = "signals"
        thread.start()
        for number in signals where !ProcessSignals.isIgnored(number) {
            // What a handler may do: store a number, signal and sem_post are on POSIX's list.
            signal(number) { number in
                signal(number, SIG_DFL)
                ExitSignals.caught.store(128 + number, ordering: .relaxed)
                sem_post(ExitSignals.bell)
            }
        }
        listens.store(true, ordering: .releasing)
        return codes
    }

    /// Ends the command with this code as a signal would: what it opened is put away first.
    static func end(with code: Int32) {
        guard listens.load(ordering: .acquiring) else { Glibc.exit(code) }
        if caught.compareExchange(expected: 0, desired: code, ordering: .relaxed).exchanged { sem_post(bell) }
    }
}
