internal import Foundation
public import PackhorseRedis
internal import Synchronization

/// A private `redis-server` for all processes that use one folder: started by the first, stopped with the last, and
/// started again by any of them when it was killed.
///
/// It listens on a unix socket only, keeps an append-only file that is synced every second, and never drops a key. It
/// has a session of its own, so that Ctrl-C in a terminal does not reach it.
///
/// Each user holds a shared lock on `users.lock` for its life, so one that is killed has left as well; starting and
/// stopping take turns under `start.lock`; the server itself holds `server.lock`, which so tells whether it runs. A
/// server whose users were all killed is taken over by the next one.
///
/// | in the folder | what |
/// |---|---|
/// | `redis.sock` | the socket; when its path is too long for one, `socket` names the place where it is instead |
/// | `redis.log`, `redis.pid` | the server's log and process id |
/// | `redis/` | the server's data |
public final class EmbeddedRedis: Sendable {
    /// Of the server's unix socket.
    public let url: RedisURL
    private let home: RedisHome
    private let users: Mutex<FileLock?>
    private let watch: Task<Void, Never>

    /// Joins the server of the folder, and starts it if it does not run.
    ///
    /// - Parameter home: made if it is missing, for its owner alone.
    /// - Throws: `EmbeddedRedisError`; `CancellationError` while others start or stop it. Once it is started here, it is
    ///   returned also to a task that was cancelled, to be closed.
    public static func open(home path: String) async throws -> EmbeddedRedis {
        let home = try RedisHome(path)
        let turn = try await home.turn()
        let users = try await home.locked("users.lock", .shared)
        // In a task that nobody cancels: a server that is being started would be left behind.
        let url = try await Task { try await home.reach() }.value
        withExtendedLifetime(turn) {}
        return EmbeddedRedis(url, home, users)
    }

    private init(_ url: RedisURL, _ home: RedisHome, _ users: FileLock) {
        self.url = url
        self.home = home
        self.users = Mutex(users)
        watch = Task {
            // Nobody tells that another process' child has died: a look at its lock each second.
            while (try? await Task.sleep(for: .seconds(1))) != nil {  // until cancelled
                guard home.serverHasEnded, let turn = try? await home.turn() else { continue }
                _ = try? await home.reach()
                withExtendedLifetime(turn) {}
            }
        }
    }

    deinit { watch.cancel() }

    /// Leaves; the last one stops the server and waits until it has ended. Does nothing the second time.
    public func close() async {
        let users = users.withLock { users in
            defer { users = nil }
            return users
        }
        guard let users else { return }
        watch.cancel()
        await watch.value
        let (home, url) = (home, url)
        // Not a child of this task: leaving goes on when that is cancelled.
        await Task {
            guard let turn = try? await home.turn() else { return }
            if (try? users.tryLock(.exclusive)) == true { await home.stop(url) }
            withExtendedLifetime(turn) {}
        }.value
    }
}
