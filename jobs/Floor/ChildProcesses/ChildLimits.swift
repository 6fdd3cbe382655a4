/// How much of the machine a child process may use.
public struct ChildLimits: Sendable, Equatable {
    /// Elapsed time from start to end; more than 0.
    public var time: Duration
    /// Bytes of standard output: they are kept in memory, and a program that writes more is killed.
    public var output = 1 << 20
    /// Bytes of address space (`RLIMIT_AS`) of each of its processes; nil for the limit of this process. The program's
    /// libraries count too: below about 32 MiB many programs do not even start.
    public var memory: Int?
    /// Seconds of processor time (`RLIMIT_CPU`) of each of its processes, at least 1; nil for the limit of this
    /// process. The kernel enforces it even after this process is gone.
    public var cpuSeconds: Int?

    /// With the defaults above.
    ///
    /// - Parameter time: elapsed time, more than 0.
    public init(time: Duration) {
        self.time = time
    }

    /// How many bytes of standard error are kept, from its beginning. The rest is read and dropped.
    public static let keptErrors = 4_096
}
