internal import Glibc

/// CLOCK_MONOTONIC: all processes of one machine share it, and nobody can set it.
public enum Monotonic {
    /// In ns since an arbitrary point in the past.
    public static var now: Int { nanoseconds(CLOCK_MONOTONIC) }

    /// The CPU time that all threads of a process have used so far, in ns; nil if there is no such process.
    public static func cpu(of pid: Int32) -> Int? {
        var clock = clockid_t()
        guard clock_getcpuclockid(pid, &clock) == 0 else { return nil }
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return nil }
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    private static func nanoseconds(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
