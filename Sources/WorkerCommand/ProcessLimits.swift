internal import Glibc

/// What a worker wants of its process.
enum ProcessLimits {
    /// Files and sockets that it may need for thousands of jobs at once.
    private static let files: rlim_t = 65_536

    /// Lets a write to a closed socket or pipe fail instead of ending the process, and raises the limit on open files.
    static func prepare() {
        // A handler, as an ignored signal would stay ignored in programs that jobs start.
        signal(SIGPIPE) { _ in }
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let wanted = min(files, limit.rlim_max)
        guard limit.rlim_cur < wanted else { return }
        limit.rlim_cur = wanted
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
