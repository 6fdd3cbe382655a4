/// What is told about jobs while they run.
extension Queue {
    /// The channel on which progress is told: `<job> <JSON as in the job's "progress">`, the job by its key.
    public var progressChannel: String { base + "progress" }
}
