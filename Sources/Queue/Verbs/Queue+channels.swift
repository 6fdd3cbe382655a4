/// What is told about jobs while they run.
extension Queue {
    /// The channel on which progress is told: `<job> <JSON as in the job's "progress">`, the job by its key.
    public var progressChannel: String { base + "progress" }

    /// The channel on which a worker hears of running jobs that somebody wants cancelled: a message is a job, by its key.
    /// That it listens also shows that it lives (evidence.lua).
    public func callsChannel(of worker: String) -> String { base + "calls:" + worker }
}
