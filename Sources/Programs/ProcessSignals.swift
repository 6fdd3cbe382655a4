internal import Foundation
internal import Glibc
internal import Synchronization

/// Signals to this process, delivered on a separate thread, so that busy task threads can't delay them.
///
/// The handlers are real ones: a signal that is ignored or blocked would stay so in programs that this process starts.
package enum ProcessSignals {
    /// The exit code for the first signal; 0 before that.
    private static let code = Atomic<Int32>(0)
    /// Counts the signals that were not delivered yet.
    nonisolated(unsafe) private static let bell: UnsafeMutablePointer<sem_t> = {  // sem_post and sem_wait are its lock
        let bell = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        sem_init(bell, 0, 0)
        return bell
    }()

    /// Whether a signal was ignored when the process started, as SIGHUP is after nohup; then it stays ignored.
    package static func isIgnored(_ number: Int32) -> Bool {
        var now = sigaction()
        sigaction(number, nil, &now)
        return unsafeBitCast(now.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Listens from now on until the process ends. Call this once.
    ///
    /// - Parameters:
    ///   - signals: the signals to listen to; one that is ignored stays ignored.
    ///   - once: whether the same signal ends the process at once when it comes again.
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
            // All that a handler may do: POSIX lists storing a number, signal and sem_post as safe.
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

    /// Notifies the listener as a signal would.
    package static func raise(_ exitCode: Int32) {
        _ = code.compareExchange(expected: 0, desired: exitCode, ordering: .relaxed)
        sem_post(bell)
    }
}
