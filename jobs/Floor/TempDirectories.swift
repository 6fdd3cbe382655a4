internal import Foundation
internal import Glibc
internal import Synchronization

/// Private directories that exist only during a piece of work.
///
/// Each is accessible only to this user (0700), locked by this process while it is in use, and removed when the work
/// ends, however it ends. The directories of a killed process are no longer locked: the next process with the same
/// prefix removes them, before it creates its own first directory.
public final class TempDirectories: Sendable {
    private let base: String
    private let prefix: String
    private let threads: BlockingThreads
    private let isSwept = Mutex(false)

    /// - Parameters:
    ///   - prefix: the beginning of the directories' names. All directories with this prefix that are not locked count
    ///     as leftovers.
    ///   - base: where they are created; nil for the system's place, `TMPDIR` or `/tmp`.
    ///   - threads: where directories are created and removed.
    public init(prefix: String, in base: String? = nil, threads: BlockingThreads) {
        self.prefix = prefix
        self.base = base ?? FileManager.default.temporaryDirectory.path
        self.threads = threads
    }

    /// Creates a directory, runs the body with its path and removes the directory with all its contents.
    ///
    /// - Throws: `TempDirectoryError`; `CancellationError` if the task was cancelled before the body began; what the
    ///   body throws.
    public func with<Value: Sendable>(_ body: (_ path: String) async throws -> Value) async throws -> Value {
        let (base, prefix) = (base, prefix)
        let isFirst = isSwept.withLock { swept in
            defer { swept = true }
            return !swept
        }
        let directory = try await threads.run {
            if isFirst { LockedDirectory.removeLeftovers(of: prefix, in: base) }
            return try LockedDirectory.make(prefix: prefix, in: base)
        }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(directory.path))
        } catch {
            result = .failure(error)
        }
        await remove(directory)
        return try result.get()
    }

    /// In a separate task, which nobody cancels: a cancelled one would not even begin.
    private func remove(_ directory: LockedDirectory) async {
        let threads = threads
        _ = await Task { try? await threads.run { directory.remove() } }.value
    }
}

/// No temporary directory could be created.
public struct TempDirectoryError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where it should have been.
    public let base: String
    /// Why not, in the words of the system.
    public let reason: String

    public var description: String { "cannot make a directory in \(base): \(reason)" }
}

/// A directory whose lock this process holds. The kernel releases the lock when the process ends.
private struct LockedDirectory: Sendable {
    let path: String
    private let descriptor: Int32

    /// Blocks.
    static func make(prefix: String, in base: String) throws(TempDirectoryError) -> LockedDirectory {
        while true {
            var template = Array("\(base)/\(prefix)-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw failure(errno, in: base) }
            let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            switch lock(path) {
            case .held(let directory): return directory
            // A process that looks for leftovers was faster: the directory is gone, or will be.
            case .taken: continue
            case .failed(let code):
                rmdir(path)
                throw failure(code, in: base)
            }
        }
    }

    private enum Lock {
        case held(LockedDirectory)
        /// Somebody else holds it, or has removed it.
        case taken
        case failed(Int32)
    }

    private static func lock(_ path: String) -> Lock {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT ? .taken : .failed(errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            return code == EWOULDBLOCK ? .taken : .failed(code)
        }
        // The previous holder of the lock may have removed it.
        var held = stat()
        var named = stat()
        guard fstat(descriptor, &held) == 0, lstat(path, &named) == 0, held.st_ino == named.st_ino else {
            close(descriptor)
            return .taken
        }
        return .held(LockedDirectory(path: path, descriptor: descriptor))
    }

    private static func failure(_ code: Int32, in base: String) -> TempDirectoryError {
        TempDirectoryError(base: base, reason: String(cString: strerror(code)))
    }

    /// Removes it, then releases its lock. What can't be removed stays for the next process to try. Blocks.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
        close(descriptor)
    }

    /// Removes what processes that have ended left with this prefix and this user. Blocks.
    static func removeLeftovers(of prefix: String, in base: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? []
        where name.hasPrefix(prefix + "-") {
            let path = "\(base)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0, status.st_uid == geteuid() else { continue }
            if case .held(let leftover) = lock(path) { leftover.remove() }
        }
    }
}
