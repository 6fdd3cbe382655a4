/// The merges of two neighbouring tokens: a hash table with open addressing, at most half full.
struct MergeTable: Sendable {
    /// The smaller the rank, the earlier the merge.
    struct Merge: Sendable {
        var rank: UInt32
        var result: UInt32
    }

    private static let free = UInt64.max
    /// Key and value next to each other: one cache line per look-up.
    private var slots: [(pair: UInt64, merge: Merge)]
    private let mask: UInt64

    init(capacity: Int) {
        let count = slotCount(for: capacity)
        slots = Array(repeating: (Self.free, Merge(rank: 0, result: 0)), count: count)
        mask = UInt64(count - 1)
    }

    @inline(__always)
    subscript(_ left: UInt32, _ right: UInt32) -> Merge? {
        let pair = Self.pair(left, right)
        var slot = Self.slot(pair) & mask
        while true {
            let found = slots[Int(truncatingIfNeeded: slot)]
            if found.pair == pair { return found.merge }
            if found.pair == Self.free { return nil }
            slot = (slot &+ 1) & mask
        }
    }

    mutating func set(_ left: UInt32, _ right: UInt32, _ merge: Merge) {
        let pair = Self.pair(left, right)
        var slot = Self.slot(pair) & mask
        while slots[Int(slot)].pair != Self.free, slots[Int(slot)].pair != pair { slot = (slot &+ 1) & mask }
        slots[Int(slot)] = (pair, merge)
    }

    @inline(__always)
    private static func pair(_ left: UInt32, _ right: UInt32) -> UInt64 { UInt64(left) &<< 32 | UInt64(right) }

    @inline(__always)
    private static func slot(_ pair: UInt64) -> UInt64 {
        let product = pair &* 0x9E37_79B9_7F4A_7C15
        return product ^ (product &>> 32)
    }
}
