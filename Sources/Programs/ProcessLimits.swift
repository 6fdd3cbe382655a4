internal import Glibc

/// The process limits for a program that serves many jobs or clients at once.
package enum ProcessLimits {
    /// Files and sockets that may be needed for thousands of jobs or clients at once.
    private static let files: rlim_t = 65_536

    /// Raises the limit on open files to 65,536, or as far as this process may.
    package static func raiseFiles() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let wanted = min(files, limit.rlim_max)
        guard limit.rlim_cur < wanted else { return }
        limit.rlim_cur = wanted
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
