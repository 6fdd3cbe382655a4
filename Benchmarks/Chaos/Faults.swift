import Figures
import Foundation
import Servers

/// Causes faults at random times that depend on the seed.
struct Faults {
    private struct Fault: Sendable {
        var at: Duration
        var kind: FaultKind
        /// Which worker, if it is available.
        var worker: Int
        /// How long it lasts, 0 to 1 of what its kind allows.
        var extent: Double
    }

    private let options: Options
    private let fleet: Fleet
    /// The proxy through which the producers connect.
    private let entrance: FaultProxy
    private let server: RedisServer
    private let log: FaultLog

    init(_ options: Options, fleet: Fleet, entrance: FaultProxy, server: RedisServer, log: FaultLog) {
        self.options = options
        self.fleet = fleet
        self.entrance = entrance
        self.server = server
        self.log = log
    }

    /// Returns when all faults are over and the time has passed.
    func run() async throws {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for fault in plan() {
                try await Task.sleep(until: start + fault.at, clock: .continuous)  // the schedule
                log.count(fault.kind)
                switch fault.kind {
                case .redis, .freezeAll:
                    let all = try await fleet.takeAll()
                    progress("chaos: \(fault.kind.rawValue)")
                    let from = Monotonic.now
                    if fault.kind == .redis {
                        try await restartRedis(fault, under: all)
                    } else {
                        try await freeze(all, fault)
                    }
                    for number in all { try await fleet.giveBack(number, after: fault.kind.rawValue) }
                    log.outage(from...Monotonic.now)
                case .producer:
                    progress("chaos: producer")
                    try await loseReplies([entrance])
                    entrance.mode = .cut
                    entrance.mode = .pass
                default:
                    let number = try await fleet.take(fault.worker)
                    progress("chaos: \(fault.kind.rawValue) worker \(number)")
                    group.addTask {
                        try await inflict(fault, on: number)
                        try await fleet.giveBack(number, after: fault.kind.rawValue)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await Task.sleep(until: start + .seconds(options.seconds), clock: .continuous)  // the time of the run
        try await cutAll()
    }

    /// The last fault, still under load: every worker loses replies, and nothing that happens later hides how it
    /// handles that.
    private func cutAll() async throws {
        let all = try await fleet.takeAll()
        var proxies: [FaultProxy] = []
        for number in all { proxies.append(await fleet.proxy(number)) }
        try await loseReplies(proxies)
        let from = Monotonic.now
        for proxy in proxies {
            proxy.mode = .cut
            proxy.mode = .pass
        }
        for number in all { await hit(.cut, number, during: from...Monotonic.now) }
        for number in all { try await fleet.giveBack(number, after: "the last cut") }
    }

    /// Slows the proxies down, so that a cut right after it hits commands that have run and replies in flight.
    private func loseReplies(_ proxies: [FaultProxy]) async throws {
        for proxy in proxies { proxy.mode = .slow(.milliseconds(30)) }
        try await Task.sleep(for: .milliseconds(300))  // until replies are in flight
    }

    private func plan() -> [Fault] {
        var random = SeededRandom(options.seed)
        func often(_ kind: FaultKind) -> Int {
            switch kind {
            case .kill: options.kills
            case .cut, .producer: max(1, options.seconds / 10)
            case .deploy: max(1, options.seconds / 15)
            case .freeze, .hang, .stall, .slow, .redis: max(1, options.seconds / 20)
            case .freezeAll: max(1, options.seconds / 60)
            }
        }
        return FaultKind.allCases.flatMap { kind in
            (0..<often(kind)).map { _ in
                Fault(
                    at: .milliseconds(Int.random(in: 500...max(501, options.seconds * 1000), using: &random)),
                    kind: kind,
                    worker: .random(in: 0..<options.workers, using: &random),
                    extent: .random(in: 0...1, using: &random))
            }
        }.sorted { $0.at < $1.at }
    }

    private func inflict(_ fault: Fault, on number: Int) async throws {
        let process = await fleet.process(number)
        let proxy = await fleet.proxy(number)
        let from = Monotonic.now
        switch fault.kind {
        case .kill:
            process.signal(SIGKILL)
            await process.wait()
            log.hit(.kill, process.pid, during: from...Monotonic.now)
            if fault.extent > 0.5 { try await Task.sleep(for: .seconds(2) * fault.extent) }  // how long it lasts
            try await fleet.replace(number)
        case .deploy:
            process.signal(SIGTERM)
            await process.wait()
            log.hit(.deploy, process.pid, during: from...Monotonic.now)
            try await fleet.replace(number)
        case .freeze: try await freeze([number], fault)
        case .cut:
            try await loseReplies([proxy])
            try await silence(.cut, process, proxy, .cut, for: options.lease * (1.3 * fault.extent))
        case .hang:
            try await silence(.hang, process, proxy, .hang, for: options.lease * (1.2 + fault.extent / 2))
            proxy.mode = .cut
        case .stall:
            // Each piece waits this long: the first ones pass after the lease has lapsed.
            let late = FaultProxy.Mode.slow(options.lease * 1.2)
            try await silence(.stall, process, proxy, late, for: options.lease * (1.3 + fault.extent / 2))
        case .slow:
            proxy.mode = .slow(.milliseconds(1 + 49 * fault.extent))
            try await Task.sleep(for: .seconds(1 + 2 * fault.extent))  // how long it lasts
            log.hit(.slow, process.pid, during: from...Monotonic.now)
        case .redis, .freezeAll, .producer: break
        }
        proxy.mode = .pass
    }

    private func silence(
        _ kind: FaultKind, _ process: ChildProcess, _ proxy: FaultProxy, _ mode: FaultProxy.Mode, for time: Duration
    ) async throws {
        let start = Monotonic.now
        proxy.mode = mode
        let from = Date()
        var watch = await LeaseWatch(process.pid, fleet)
        let end = ContinuousClock.now + time
        while .now < end {
            try await Task.sleep(for: .milliseconds(50))  // between two looks
            await watch.look()
        }
        log.silenced(process.pid, from: from, lease: watch.end)
        log.hit(kind, process.pid, during: start...Monotonic.now)
    }

    private func freeze(_ numbers: [Int], _ fault: Fault) async throws {
        let start = Monotonic.now
        var frozen: [(process: ChildProcess, from: Date, watch: LeaseWatch)] = []
        for number in numbers {
            let process = await fleet.process(number)
            await process.freeze()
            frozen.append((process, Date(), await LeaseWatch(process.pid, fleet)))
        }
        // Longer than the lease.
        let end = ContinuousClock.now + options.lease * (1.1 + fault.extent / 2)
        while .now < end {
            try await Task.sleep(for: .milliseconds(50))  // between two looks
            for i in frozen.indices { await frozen[i].watch.look() }
        }
        let over = Monotonic.now
        for (process, from, watch) in frozen {
            log.silenced(process.pid, from: from, lease: watch.end)
            log.hit(fault.kind, process.pid, during: start...over)
            process.thaw()
        }
    }

    private func restartRedis(_ fault: Fault, under numbers: [Int]) async throws {
        let start = Monotonic.now
        await server.kill()
        try await Task.sleep(for: .seconds(fault.extent))  // how long it lasts
        for number in numbers { await hit(.redis, number, during: start...Monotonic.now) }
        try await server.restart()
    }

    private func hit(_ kind: FaultKind, _ number: Int, during: ClosedRange<Int>) async {
        log.hit(kind, await fleet.process(number).pid, during: during)
    }
}
