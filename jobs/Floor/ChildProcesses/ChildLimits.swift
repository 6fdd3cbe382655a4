/// How much of the machine a child process may use.
public struct ChildLimits: Sendable, Equatable {
    /// By the clock, from start to end; more than 0.
    public var time: Duration
    /// Bytes of standard output: they are kept in memory, and a program that writes more is killed.
    public var output = 1 << 20
    /// Bytes of address space (`RLIMIT_AS`) of each of its processes; nil for as much as we may use ourselves. It must
    /// hold the program's libraries too: below some 32 MiB many programs do not even start.
    public var memory: Int?
    /// Seconds of processor time (`RLIMIT_CPU`) of each of its processes, from 1; nil for as much as we may use
    /// ourselves. The kernel heeds it also when this process is gone.
    public var cpuSeconds: Int?

    /// With the defaults above.
    ///
    /// - Parameter time: by the clock, more than 0.
    public init(time: Duration) {
        self.time = time
    }

    /// Bytes of standard error that are kept, the first ones. What comes after them is read and dropped.
    public static let keptErrors = 4_096
}
