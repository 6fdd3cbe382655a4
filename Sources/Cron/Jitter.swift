/// A delay that spreads schedules that tick at the same time.
public enum Jitter {
    /// The delay of a tick in ms: 0..<max, the same in all processes and versions, spread evenly over schedules and
    /// ticks. 0 if `max` is not positive.
    ///
    /// - Parameter name: of the schedule.
    public static func offset(of name: String, tick: Int, within max: Int) -> Int {
        guard max > 0 else { return 0 }
        // FNV-1a of the name, then SplitMix64 of that and the tick.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = mixed(mixed(hash) ^ UInt64(bitPattern: Int64(tick)))
        return Int(hash.multipliedFullWidth(by: UInt64(max)).high)
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9e37_79b9_7f4a_7c15
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
