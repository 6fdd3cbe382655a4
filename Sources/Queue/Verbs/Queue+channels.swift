/// What is told about jobs while they run.
extension Queue {
    /// The channel on which progress is told: `<job> <JSON as in the job's "progress">`, the job by its key.
    public var progressChannel: String { base + "progress" }

    /// The channel on which cancellations of running jobs are told: `<worker> <job>`, by its key.
    public var cancelChannel: String { base + "cancel" }
}
