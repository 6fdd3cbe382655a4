/// Token ids by text, for tokens of at most 15 bytes: a hash table with open addressing, at most half full.
struct TokenTable: Sendable {
    /// A token's id, and whether merging the token's characters gives this one token again.
    struct Entry: Sendable {
        var id: UInt32
        var isWhole: Bool
    }

    private var slots: [(low: UInt64, high: UInt64, entry: Entry)]
    private let mask: UInt64

    init(capacity: Int) {
        let count = slotCount(for: capacity)
        slots = Array(repeating: (0, 0, Entry(id: 0, isWhole: false)), count: count)
        mask = UInt64(count - 1)
    }

    @inline(__always)
    subscript(_ text: ShortText) -> Entry? {
        var slot = text.slot & mask
        while true {
            let found = slots[Int(truncatingIfNeeded: slot)]
            if found.low == text.low, found.high == text.high { return found.entry }
            if found.high == 0 { return nil }  // it contains the length: 0 only in a free slot
            slot = (slot &+ 1) & mask
        }
    }

    mutating func set(_ text: ShortText, _ entry: Entry) {
        var slot = text.slot & mask
        while slots[Int(slot)].high != 0, (slots[Int(slot)].low, slots[Int(slot)].high) != (text.low, text.high) {
            slot = (slot &+ 1) & mask
        }
        slots[Int(slot)] = (text.low, text.high, entry)
    }
}

/// The power of two that keeps a table of this many entries at most half full.
func slotCount(for capacity: Int) -> Int {
    var slots = 16
    while slots < capacity * 2 { slots *= 2 }
    return slots
}
