internal import Foundation
internal import Logging
internal import PackhorseRedis
internal import Queue
internal import Synchronization

/// What about the Redis server endangers jobs, looked at once a minute.
final class ConcernWatch: Sendable {
    private let url: RedisURL
    private let logger: Logger
    private let found = Mutex<[ServerConcern]>([])

    init(_ url: RedisURL, _ logger: Logger) {
        self.url = url
        self.logger = logger
    }

    /// What was found last.
    var concerns: [ServerConcern] { found.withLock { $0 } }

    /// Looks now; what was not there before is logged.
    func look() async {
        let now = await ServerCheck.concerns(of: url)
        let before = found.withLock { found in
            defer { found = now }
            return found
        }
        for concern in now where !before.contains(concern) {
            logger.warning("Redis endangers jobs", metadata: ["concern": "\(concern.name)", "reason": "\(concern)"])
        }
    }

    /// Looks once a minute, until the task is cancelled.
    func run() async {
        while (try? await Task.sleep(for: .seconds(60))) != nil { await look() }  // until cancelled
    }
}
