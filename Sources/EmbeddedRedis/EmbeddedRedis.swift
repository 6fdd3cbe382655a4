internal import Foundation
internal import Glibc
internal import Logging
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
/// server whose users were all killed is taken over by the next one, or stopped by its guard some seconds later.
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
    private let users: Users
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
        self.users = Users(users)
        let server = home.serverID
        let (users, held) = (self.users, users)
        watch = Task { await Self.watch(home, users: users, held, server: server) }
    }

    /// Nobody tells that another process' child has died, or that the folder was removed: a look each second.
    private static func watch(_ home: RedisHome, users: Users, _ held: FileLock, server: pid_t?) async {
        var (held, server) = (held, server)
        while (try? await Task.sleep(for: .seconds(1))) != nil {  // until cancelled
            if !held.isAt(home.path + "/users.lock") {
                Logger(label: "redis").error(
                    "the folder of the private Redis was removed, and the jobs in it are gone: starting with an empty one",
                    metadata: ["folder": "\(home.path)"])
                if let server { home.kill(server) }
                guard let fresh = try? RedisHome(home.path), let turn = try? await fresh.turn(),
                    let lock = try? await fresh.locked("users.lock", .shared)
                else { continue }
                held = lock
                users.lock.withLock { if $0 != nil { $0 = lock } }
                _ = try? await fresh.reach()
                server = fresh.serverID
                withExtendedLifetime(turn) {}
            } else if home.serverHasEnded, let turn = try? await home.turn() {
                _ = try? await home.reach()
                server = home.serverID
                withExtendedLifetime(turn) {}
            }
        }
    }

    /// The lock that says that this process uses the server; nil once it has left.
    private final class Users: Sendable {
        let lock: Mutex<FileLock?>

        init(_ lock: FileLock) { self.lock = Mutex(lock) }
    }

    deinit { watch.cancel() }

    /// Leaves; the last one stops the server and waits until it has ended. Does nothing the second time.
    public func close() async {
        let users = users.lock.withLock { users in
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
