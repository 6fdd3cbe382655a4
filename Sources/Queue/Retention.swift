/// How long ended jobs are kept. Whichever bound is reached first counts, oldest jobs go first.
public struct Retention: Sendable, Equatable {
    /// For succeeded, cancelled and expired jobs.
    public var age: Duration
    /// For all that is kept of them together: arguments, results, errors.
    public var bytes: Int
    /// For dead jobs, which someone may want to look at.
    public var deadAge: Duration
    /// For all that is kept of dead jobs together: arguments, errors, results of durable steps.
    public var deadBytes: Int

    /// Everything per queue: a day and 256 MiB, 30 days and 256 MiB for dead jobs.
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
