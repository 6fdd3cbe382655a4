internal import Foundation
internal import Glibc
internal import Settings

/// SIGTERM, SIGINT and SIGHUP, told on a thread of its own, so that busy task threads can't hold them up.
///
/// The handlers are real ones: a signal that is ignored or blocked would stay so in programs that jobs start.
enum StopSignals {
    /// Counts the signals that nobody was told of yet.
    nonisolated(unsafe) private static let bell: UnsafeMutablePointer<sem_t> = {  // sem_post and sem_wait are its lock
        let bell = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        sem_init(bell, 0, 0)
        return bell
    }()

    /// - Parameter told: called with 1 for the first signal, 2 for the second, and so on.
    static func listen(_ told: @escaping @Sendable (Int) -> Void) {
        _ = bell  // made here, not in a handler
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
        for number in [SIGTERM, SIGINT, SIGHUP] where !ProcessSignals.isIgnored(number) {
            // Of all that a handler may do, sem_post is enough.
            signal(number) { _ in sem_post(StopSignals.bell) }
        }
    }
}
