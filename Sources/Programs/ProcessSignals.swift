internal import Foundation
internal import Glibc
internal import Synchronization

/// Signals to this process, told on a thread of its own, so that busy task threads can't hold them up.
///
/// The handlers are real ones: a signal that is ignored or blocked would stay so in programs that this one starts.
package enum ProcessSignals {
    /// The exit code that the first signal asks for; 0 before that.
    private static let code = Atomic<Int32>(0)
    /// Counts the signals that nobody was told of yet.
    nonisolated(unsafe) private static let bell: UnsafeMutablePointer<sem_t> = {  // sem_post and sem_wait are its lock
        let bell = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        sem_init(bell, 0, 0)
        return bell
    }()

    /// Whether a signal was ignored when the process started, as SIGHUP is after nohup; then it stays so.
    package static func isIgnored(_ number: Int32) -> Bool {
        var now = sigaction()
        sigaction(number, nil, &now)
        return unsafeBitCast(now.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Listens from now until the process ends. To be called once.
    ///
    /// - Parameters:
    ///   - signals: those to hear of; one that is ignored stays so.
    ///   - once: whether the same signal, when it comes again, ends the process at once.
    ///   - told: called with 1 for the first signal, 2 for the second, and so on.
    package static func listen(to signals: [Int32], once: Bool, _ told: @escaping @Sendable (Int) -> Void) {
        // Made here, not in a handler.
        _ = bell
        _ = firstCode
        let thread = Thread {
            var count = 0
            while true {
                while sem_wait(bell) != 0 {}
                count += 1
                told(count)
            }
        }
        thread.name = "signals"
        thread.start()
        for number in signals where !isIgnored(number) {
            // What a handler may do: store a number, signal and sem_post are on POSIX's list.
            if once {
                signal(number) { number in
                    signal(number, SIG_DFL)
                    ProcessSignals.raise(128 + number)
                }
            } else {
                signal(number) { number in ProcessSignals.raise(128 + number) }
            }
        }
    }

    /// 128 and the first signal that came, or the code that was raised; 0 before that.
    package static var firstCode: Int32 { code.load(ordering: .relaxed) }

    /// Tells the listener as a signal would.
    package static func raise(_ exitCode: Int32) {
        _ = code.compareExchange(expected: 0, desired: exitCode, ordering: .relaxed)
        sem_post(bell)
    }
}
