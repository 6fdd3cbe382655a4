internal import Foundation
internal import Glibc
internal import Logging
public import PackhorseRedis
internal import Synchronization

/// A private `redis-server` for all processes that use one folder. The first process starts it, the last one stops it,
/// and any of them starts it again if it was killed.
///
/// It listens only on a unix socket, keeps an append-only file that is synced every second, and never evicts a key. It
/// runs in its own session, so that Ctrl-C in a terminal does not reach it.
///
/// Each user holds a shared lock on `users.lock` for as long as it lives, so a user that is killed has left as well.
/// Starting and stopping are serialized by `start.lock`. The server itself holds `server.lock`, which shows whether it
/// runs. A server whose users were all killed is taken over by the next user, or stopped by its guard a few seconds
/// later.
///
/// | in the folder | what |
/// |---|---|
/// | `redis.sock` | the socket; if its path is too long, `socket` holds the path where it is instead |
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
    /// - Parameter home: created if it is missing, accessible only to its owner.
    /// - Throws: `EmbeddedRedisError`; `CancellationError` while others start or stop it. Once this call has started
    ///   the server, it returns it even to a cancelled task, which must close it.
    public static func open(home path: String) async throws -> EmbeddedRedis {
        let home = try RedisHome(path)
        let turn = try await home.turn()
        let users = try await home.locked("users.lock", .shared)
        // In a task that nobody cancels: otherwise a server that is being started would be left behind.
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

    /// There is no notification when another process' child dies or the folder is removed, so this checks every second.
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

    /// The lock that shows that this process uses the server; nil once it has left.
    private final class Users: Sendable {
        let lock: Mutex<FileLock?>

        init(_ lock: FileLock) { self.lock = Mutex(lock) }
    }

    deinit { watch.cancel() }

    /// Leaves; the last user stops the server and waits until it has ended. A second call does nothing.
    public func close() async {
        let users = users.lock.withLock { users in
            defer { users = nil }
            return users
        }
        guard let users else { return }
        watch.cancel()
        await watch.value
        let (home, url) = (home, url)
        // Not a child of this task: leaving continues when this task is cancelled.
        await Task {
            guard let turn = try? await home.turn() else { return }
            if (try? users.tryLock(.exclusive)) == true { await home.stop(url) }
            withExtendedLifetime(turn) {}
        }.value
    }
}
