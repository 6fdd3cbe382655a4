/// What to do about a server that loses jobs.
public enum RedisConcerns {
    /// Behind the concern, where it keeps a program from starting.
    public static let remedy = " Or set PACKHORSE_ALLOW_EVICTION=true, if jobs may be lost."
}
