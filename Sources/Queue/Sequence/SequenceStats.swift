/// A sequence of jobs that has not come to its end.
public struct SequenceStats: Sendable, Equatable {
    /// Its key; bytes outside `A-Z a-z 0-9 . _ : -` as `%XX`.
    public let key: String
    /// The job that the others wait for: the one whose turn it is, or the dead one that halted the sequence.
    public let blocker: JobID
    /// Whether the blocker is dead, so that nothing follows by itself.
    public let isHalted: Bool
    /// How many jobs wait for their turn.
    public let following: Int

    /// `{"key","blocker","halted","following"}`
    package var json: [UInt8] {
        JSONText.object([
            ("key", JSONText.string(key)), ("blocker", JSONText.string(blocker.text)),
            ("halted", JSONText.flag(isHalted)), ("following", JSONText.number(following)),
        ])
    }
}
