/// Follows the lease of a worker that can send nothing any more. Redis alone knows when it ends: a beat may have been on
/// its way, and wait there for as long as a disk takes. Others remove the lease soon after its end.
struct LeaseWatch: Sendable {
    /// The latest that was seen, in ms since 1970; nil if the process had no lease.
    private(set) var end: Int?

    private let fleet: Fleet
    /// What the process calls itself, and called itself before its lease had lapsed. A later name is of another lease.
    private let names: Set<String>

    init(_ pid: Int32, _ fleet: Fleet) async {
        self.fleet = fleet
        let leases = await fleet.leases()
        // `<host>:<pid>:<random>`
        names = Set(leases.keys.filter { $0.split(separator: ":").dropLast().last.map(String.init) == "\(pid)" })
        end = leases.filter { names.contains($0.key) }.values.max()
    }

    mutating func look() async {
        guard let known = end else { return }
        end = await fleet.leases().filter { names.contains($0.key) }.values.reduce(known, max)
    }
}
