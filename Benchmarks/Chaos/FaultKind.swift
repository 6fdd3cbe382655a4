/// What can be done to workers, producers and the store.
enum FaultKind: String, CaseIterable, Sendable {
    /// SIGKILL; a new process at once or within two seconds.
    case kill
    /// SIGSTOP for longer than the lease, then SIGCONT.
    case freeze
    /// All workers are frozen at once: nobody takes their jobs over before they wake.
    case freezeAll
    /// Connections break with replies on their way, and none can be made for up to the lease and a little longer.
    case cut
    /// Every byte is swallowed for longer than the lease, then the connections break.
    case hang
    /// Every piece arrives later than the lease lasts: late outcomes.
    case stall
    /// Every piece takes 1 to 50 ms longer.
    case slow
    /// SIGTERM and a new process: a deploy.
    case deploy
    /// The producers' connection breaks with replies on their way, so that they add the same jobs again.
    case producer
    /// Redis gets SIGKILL and is started again.
    case redis

    /// Nobody can take a job over before it ends.
    var isOutage: Bool { self == .redis || self == .freezeAll }

    /// What the recovery from it may take, in seconds. A killed process is seen by its closed sockets, all else by a
    /// lease that ends.
    var wantedRecovery: (p50: Double?, p99: Double) {
        if self == .kill { return (p50: 1.5, p99: 2.5) }
        return (p50: nil, p99: 5)
    }
}
