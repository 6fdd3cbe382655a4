internal import Foundation
internal import Logging
internal import Queue
internal import Redis

extension Term {
    /// Claims jobs for as long as there are slots, and starts them. Sleeps in Redis while there is nothing to do.
    func claimAll(_ bell: RedisConnection) async {
        var intakes = worker.queues.map { Intake($0, of: self) }
        var trouble = 0
        while !isStopping, isAlive, let free = await worker.runners.free() {
            if free == 0 || isStopping || !isAlive { continue }
            do {
                let (claimed, nextDue) = try await claim(upTo: free, from: &intakes)
                trouble = 0
                if claimed > 0 { continue }
                if worker.options.drain && worker.runners.busy == 0 && nextDue != .zero { return drained() }
                await sleep(until: nextDue, on: bell)
            } catch .lapsed {
                lapsed()
            } catch {
                trouble += 1
                worker.logger.warning("cannot reserve", metadata: ["reason": "\(error)"])
                try? await Task.sleep(for: .milliseconds(min(2000, 50 << min(trouble, 5))))
            }
        }
    }

    /// One round over the queues, in an order drawn by their weights.
    private func claim(
        upTo free: Int, from intakes: inout [Intake]
    ) async throws(QueueError) -> (claimed: Int, nextDue: Duration?) {
        var claimed = 0
        var nextDue: Duration?
        for i in drawOrder() where claimed < free && !isStopping {
            let reserved = try await intakes[i].reserve(upTo: free - claimed)
            claimed += reserved.claims.count
            if !reserved.claims.isEmpty { start(reserved.claims, from: i) }
            if let next = reserved.nextDue { nextDue = min(next, nextDue ?? next) }
        }
        return (claimed, nextDue)
    }

    private func start(_ claims: [Claim], from i: Int) {
        var attempts: [Attempt] = []
        attempts.reserveCapacity(claims.count)
        for claim in claims {
            do throws(QueueError) {
                let body = try JobBody(claim.body, of: claim.id.text)
                if let handler = worker.registry.handlers[body.type], body.version <= handler.version {
                    attempts.append(
                        Attempt(claim, body, handler, queue: worker.queues[i], settling: outcomes[i], term: self))
                } else {
                    outcomes[i].add(Settled(claim, leave(body, of: claim)))
                }
            } catch {
                let failure = JobFailure(type: "RecordDamaged", message: "\(error)", retryable: false)
                outcomes[i].add(Settled(claim, .dead(failure)))
            }
        }
        worker.runners.start(attempts)
    }

    /// A newer worker may know the type: the job is not failed, only put aside for a while.
    private func leave(_ body: JobBody, of claim: Claim) -> Settlement {
        worker.logger.notice(
            "job left to another worker: type or version unknown here",
            metadata: ["job": "\(claim.id)", "type": "\(body.type)", "version": "\(body.version)"])
        return .unclaimed(delay: worker.options.unclaimedDelay)
    }

    private func drawOrder() -> [Int] {
        let queues = worker.options.queues
        guard queues.count > 1 else { return [0] }
        // Weighted sampling without replacement: Efraimidis and Spirakis, Inf. Process. Lett. 97 (2006).
        return queues.indices.map { (key: Double.random(in: 0..<1), index: $0) }
            .map { (key: pow($0.key, 1 / Double(queues[$0.index].weight)), index: $0.index) }
            .sorted { $0.key > $1.key }.map(\.index)
    }

    /// Waits for the bell of any queue, at most until something is due and never longer than five seconds.
    private func sleep(until nextDue: Duration?, on bell: RedisConnection) async {
        let ms = min(5000, nextDue?.milliseconds ?? 5000)
        guard ms > 0 else { return }
        var command = RedisCommand("BZPOPMIN", arguments: worker.queues.count + 1)
        for queue in worker.queues { command.append(queue.bell) }
        command.append("\(Double(ms) / 1000)")
        do {
            _ = try await bell.send(command, timeout: .milliseconds(ms + 3000))
        } catch {
            guard !isStopping else { return }
            worker.logger.warning("cannot wait for the bell", metadata: ["reason": "\(error)"])
            try? await Task.sleep(for: .milliseconds(200))
        }
    }
}
