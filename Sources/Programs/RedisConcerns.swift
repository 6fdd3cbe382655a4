/// What to do about a server that can lose jobs.
package enum RedisConcerns {
    /// Added to the concern when it keeps a program from starting.
    package static let remedy = " Or set PACKHORSE_ALLOW_EVICTION=true, if jobs may be lost."
}
