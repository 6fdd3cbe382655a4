/// What to do about a server that loses jobs.
package enum RedisConcerns {
    /// Behind the concern, where it keeps a program from starting.
    package static let remedy = " Or set PACKHORSE_ALLOW_EVICTION=true, if jobs may be lost."
}
