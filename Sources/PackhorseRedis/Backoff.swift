/// How long to wait before the next attempt to connect: not at all after a connection that worked, then 50 ms, doubled
/// each time up to 2 s. Up to half of each delay is cut off at random, so that many clients do not come back at once.
struct Backoff {
    private var failures = 0

    mutating func next() -> Duration {
        defer { failures += 1 }
        guard failures > 0 else { return .zero }
        let longest = min(Duration.milliseconds(50) * (1 << min(failures - 1, 6)), .seconds(2))
        return longest * Double.random(in: 0.5...1)
    }

    mutating func reset() {
        failures = 0
    }
}
