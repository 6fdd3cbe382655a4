/// Follows the lease of a worker that can send nothing any more. Redis alone knows when it ends: a beat may have been on
/// its way, and wait there for as long as a disk takes. A lease that is over may be renewed for as long as nobody has taken
/// the jobs over.
struct LeaseWatch: Sendable {
    /// When the lease was seen to end last, in ms since 1970, if others have begun to take the jobs over; else nil.
    var end: Int? { isTaken ? latest : nil }

    /// The latest that was seen; nil if the process had no lease.
    private var latest: Int?
    private var isTaken = false

    private let fleet: Fleet
    /// What the process calls itself, and called itself before its lease had lapsed. A later name is of another lease.
    private let names: Set<String>

    init(_ pid: Int32, _ fleet: Fleet) async {
        self.fleet = fleet
        let leases = await fleet.leases()
        // `<host>:<pid>:<random>`
        names = Set(leases.keys.filter { $0.split(separator: ":").dropLast().last.map(String.init) == "\(pid)" })
        latest = leases.filter { names.contains($0.key) }.values.max()
    }

    mutating func look() async {
        guard let known = latest else { return }
        let all = await fleet.leases()
        guard !all.isEmpty else { return }
        let leases = all.filter { names.contains($0.key) }
        // Redis marks a worker that it takes for dead or lost by a score of 0 or 1.
        if leases.values.allSatisfy({ $0 <= 1 }) { isTaken = true }
        latest = leases.values.reduce(known, max)
    }
}
