internal import Foundation
internal import Logging
internal import PackhorseRedis
internal import Queue
internal import Synchronization

/// The problems of the Redis server that endanger jobs, checked once a minute.
final class ConcernWatch: Sendable {
    private let url: RedisURL
    private let logger: Logger
    private let found = Mutex<[ServerConcern]>([])

    init(_ url: RedisURL, _ logger: Logger) {
        self.url = url
        self.logger = logger
    }

    /// The result of the last check.
    var concerns: [ServerConcern] { found.withLock { $0 } }

    /// Checks now; new problems are logged.
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

    /// Checks once a minute, until the task is cancelled.
    func run() async {
        while (try? await Task.sleep(for: .seconds(60))) != nil { await look() }  // until cancelled
    }
}
