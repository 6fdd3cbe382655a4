/// How long ended jobs are kept. The first bound that is reached applies; the oldest jobs are removed first.
public struct Retention: Sendable, Equatable {
    /// For succeeded, cancelled and expired jobs.
    public var age: Duration
    /// The total size of their arguments, results and errors.
    public var bytes: Int
    /// For dead jobs, which somebody may want to inspect.
    public var deadAge: Duration
    /// The total size of dead jobs: arguments, errors, results of durable steps.
    public var deadBytes: Int

    /// All per queue. Defaults: a day and 256 MiB; 30 days and 256 MiB for dead jobs.
    public init(
        age: Duration = .seconds(86_400), bytes: Int = 256 << 20, deadAge: Duration = .seconds(30 * 86_400),
        deadBytes: Int = 256 << 20
    ) {
        self.age = age
        self.bytes = bytes
        self.deadAge = deadAge
        self.deadBytes = deadBytes
    }
}
