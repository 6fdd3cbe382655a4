internal import Foundation
internal import Glibc

/// The file in which a worker reports that its lease holds: `<pid> <beat> <lease>`, times in milliseconds of the clock
/// that runs since the machine started, so that setting the time of day changes nothing.
struct HealthFile: Sendable {
    let path: String
    /// Whether the folder belongs to this program, which creates it if it is missing.
    private let ownsFolder: Bool

    /// - Parameter path: nil for the default place.
    init(_ path: String?) {
        if let path {
            (self.path, ownsFolder) = (path, false)
        } else {
            let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"] ?? ""
            self.path =
                (runtime.hasPrefix("/") ? "\(runtime)/packhorse" : "/tmp/packhorse-\(getuid())") + "/worker-health"
            ownsFolder = true
        }
    }

    /// Reports that the process works as of `beat`.
    ///
    /// - Throws: `HealthProblem`.
    func write(beat: Int, lease: Int) throws(HealthProblem) {
        let folder = (path as NSString).deletingLastPathComponent
        if ownsFolder {
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .last("cannot make \(folder)") }
            // In /tmp somebody else may have created it, to make this process write elsewhere.
            var about = stat()
            guard lstat(folder, &about) == 0, about.st_uid == getuid(), about.st_mode & S_IFMT == S_IFDIR else {
                throw HealthProblem("\(folder) is not a folder of this user")
            }
        }
        let draft = "\(path).\(getpid())"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .last("cannot write \(draft)") }
        let text = Array("\(getpid()) \(beat) \(lease)\n".utf8)
        let written = Glibc.write(file, text, text.count)
        close(file)
        guard written == text.count, rename(draft, path) == 0 else {
            let problem = HealthProblem.last("cannot write \(path)")
            unlink(draft)
            throw problem
        }
    }

    /// Removes the file if it belongs to this process.
    func remove() {
        if let record = try? read(), record.pid == getpid() { unlink(path) }
    }

    /// - Throws: `HealthProblem` unless the file exists, its process lives, and its last beat is not older than twice
    ///   the lease.
    func check() throws(HealthProblem) {
        let record = try read()
        let age = Self.now - record.beat
        guard age <= 2 * record.lease else {
            throw HealthProblem("the last confirmed heartbeat is \(age) ms old, the limit is \(2 * record.lease) ms")
        }
        guard kill(record.pid, 0) == 0 || errno == EPERM else {
            throw HealthProblem("process \(record.pid), which wrote \(path), has ended")
        }
    }

    /// Milliseconds since the machine started.
    static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    private func read() throws(HealthProblem) -> (pid: Int32, beat: Int, lease: Int) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .last("no worker has written \(path)") }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(file, &bytes, bytes.count)
        let fields = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split { $0.isWhitespace }
        let times = 0...Int.max / 4
        guard fields.count == 3, let pid = Int32(fields[0]), let beat = Int(fields[1]), let lease = Int(fields[2]),
            times.contains(beat), times.contains(lease)
        else {
            throw HealthProblem("\(path) is not a health file")
        }
        return (pid, beat, lease)
    }
}

/// Why a worker counts as unhealthy, or could not report that it is healthy.
struct HealthProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// With the current `errno`.
    static func last(_ what: String) -> HealthProblem { HealthProblem("\(what): \(String(cString: strerror(errno)))") }
}
