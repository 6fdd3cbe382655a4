import Figures
import Foundation

/// How long and how hard.
struct Options: Sendable {
    /// The load continues at least this long, and until all faults have been caused.
    let seconds: Int
    /// Workers that get SIGKILL; the other faults come in proportion to the time.
    let kills: Int
    let workers: Int
    /// Jobs a second.
    let rate: Int
    let leaseMs: Int
    /// Decides all faults and all jobs; the timing of processes stays theirs.
    let seed: UInt64
    /// Ledgers and logs; kept if there are findings, or always with `--keep`.
    let folder: String
    let keeps: Bool

    init(_ flags: Flags) throws {
        var flags = flags
        seconds = try flags.number("--seconds", 1...1_000_000) ?? 60
        kills = try flags.number("--kills", 0...100_000) ?? 20
        workers = try flags.number("--workers", 2...64) ?? 3
        rate = try flags.number("--rate", 1...100_000) ?? 200
        leaseMs = try flags.number("--lease-ms", 500...60_000) ?? 3500
        seed = UInt64(try flags.number("--seed", 0...Int.max) ?? Int.random(in: 0...999_999_999))
        keeps = flags.take("--keep")
        try flags.end()
        folder = FileManager.default.temporaryDirectory.path + "/chaos-\(seed)-\(getpid())"
    }

    var lease: Duration { .milliseconds(leaseMs) }

    /// What repeats it.
    var command: String {
        "chaos --seconds \(seconds) --kills \(kills) --workers \(workers) --rate \(rate) --lease-ms \(leaseMs) --seed \(seed)"
    }
}
