/// What can be done to workers, producers and the store.
enum FaultKind: String, CaseIterable, Sendable {
    /// SIGKILL; a new process at once or within two seconds.
    case kill
    /// SIGSTOP for longer than the lease, then SIGCONT.
    case freeze
    /// All workers are frozen at once: no worker can take over their jobs before they wake.
    case freezeAll
    /// Connections break with replies in flight, and no new one can be made for the lease and a little longer.
    case cut
    /// Every byte is swallowed for longer than the lease, then the connections break.
    case hang
    /// Every piece is delayed for longer than the lease: late outcomes.
    case stall
    /// Every piece is delayed by 1 to 50 ms.
    case slow
    /// SIGTERM and a new process: a deploy.
    case deploy
    /// The producers' connection breaks with replies in flight, so that they add the same jobs again.
    case producer
    /// Redis gets SIGKILL and is started again.
    case redis

    /// Whether no worker can take a job over before it ends.
    var isOutage: Bool { self == .redis || self == .freezeAll }

    /// The target of the recovery from it, in seconds. A killed process is detected by its closed sockets, everything
    /// else by a lease that ends.
    var wantedRecovery: (p50: Double?, p99: Double) {
        if self == .kill { return (p50: 1.5, p99: 2.5) }
        return (p50: nil, p99: 5)
    }
}
