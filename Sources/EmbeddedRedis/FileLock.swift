internal import Glibc

/// A lock on a file that ends with its owner, even if the owner is killed.
///
/// Every `FileLock` is a separate user, also within one process.
final class FileLock: Sendable {
    let file: Int32

    enum Kind {
        case shared, exclusive
    }

    /// Opens the file, and creates it if it is missing; does not lock it yet.
    init(_ path: String) throws(FileProblem) {
        // Not inherited by programs that this one starts: they would hold the lock.
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .last }
    }

    deinit { close(file) }

    /// Whether the file at this path is still the one that is locked.
    func isAt(_ path: String) -> Bool {
        var (mine, there) = (stat(), stat())
        return fstat(file, &mine) == 0 && stat(path, &there) == 0 && mine.st_dev == there.st_dev
            && mine.st_ino == there.st_ino
    }

    /// - Returns: false if others hold a conflicting lock; a lock that was held before may then be lost.
    func tryLock(_ kind: Kind) throws(FileProblem) -> Bool {
        while flock(file, (kind == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw .last }
        }
        return true
    }

    /// Waits until it has the lock.
    ///
    /// - Returns: false when that takes longer than `limit`.
    func lock(_ kind: Kind, within limit: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while try !tryLock(kind) {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(10))  // flock has no wait with a time limit
        }
        return true
    }
}
