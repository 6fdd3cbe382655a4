extension Set<JobState> {
    /// The states in which a job waits to be started: scheduled, queued, retrying.
    public static let waiting: Set<JobState> = [.scheduled, .queued, .retrying]
    /// The states of a job that has not ended: those and running.
    public static let unfinished: Set<JobState> = [.scheduled, .queued, .running, .retrying]
    /// All states that a job can have. As the states of an idempotency key, together with its period: for that time.
    public static let always = Set(JobState.allCases.filter { $0 != .unknown })
}
