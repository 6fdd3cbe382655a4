extension Collection<Double> {
    /// The middle value, or the mean of the two middle values; nil if empty.
    public var median: Double? {
        let sorted = sorted()
        guard let last = sorted.indices.last else { return nil }
        return (sorted[last / 2] + sorted[(last + 1) / 2]) / 2
    }

    /// The smallest value that at least this share of all values does not exceed (nearest rank); nil if empty.
    ///
    /// - Parameter share: 0 to 1, 0.99 for the 99th percentile.
    public func percentile(_ share: Double) -> Double? {
        let sorted = sorted()
        guard !sorted.isEmpty else { return nil }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[Swift.min(Swift.max(rank, 1), sorted.count) - 1]
    }
}
