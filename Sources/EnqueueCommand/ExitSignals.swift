internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Synchronization

/// Signals that end a command only when it has put away what it opened.
enum ExitSignals {
    static let all = [SIGINT, SIGTERM, SIGHUP]

    private static let caught = Atomic<Int32>(0)
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
        let numbers = listen(to: signals)
        try await withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body  // called by one task, which has ended when the group has
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await body() }
                group.addTask {
                    for await number in numbers { throw ExitCode(128 + number) }
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
        let (numbers, told) = AsyncStream<Int32>.makeStream()
        let thread = Thread {
            while sem_wait(bell) != 0 {}
            told.yield(caught.load(ordering: .relaxed))
        }
        thread.name = "signals"
        thread.start()
        for number in signals where !isIgnored(number) {
            // What a handler may do: store a number, signal and sem_post are on POSIX's list.
            signal(number) { number in
                signal(number, SIG_DFL)
                ExitSignals.caught.store(number, ordering: .relaxed)
                sem_post(ExitSignals.bell)
            }
        }
        return numbers
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var now = sigaction()
        sigaction(number, nil, &now)
        return unsafeBitCast(now.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
