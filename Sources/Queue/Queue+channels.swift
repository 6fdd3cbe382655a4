/// What is told about jobs while they run.
extension Queue {
    /// The channel on which progress is told: `<job id> <JSON as in the job's "progress">`.
    public var progressChannel: String { base + "progress" }
}
