internal import Foundation
internal import Logging
internal import Queue
internal import PackhorseRedis

extension WorkerSession {
    /// Claims jobs for as long as there are slots, and starts them. Sleeps in Redis while there is nothing to do.
    func claimAll(_ bell: RedisConnection) async {
        var intakes = worker.queues.map { Claimer($0, of: self) }
        var sleep: Duration?
        var trouble = 0
        while !isStopping, isAlive, let free = await worker.runners.free() {
            if free == 0 || isStopping || !isAlive { continue }
            // Looked at before it asks: a job that ends meanwhile may have stored another one.
            let isIdle = !worker.runners.isBusy(for: self) && outcomes.allSatisfy(\.isIdle)
            do {
                let round = try await claim(
                    upTo: free, from: &intakes, after: sleep.map { Bell(of: worker.queues, for: $0, on: bell) })
                trouble = 0
                if worker.options.drain && isIdle && round.claimed == 0 && round.quietFor > .zero { return drained() }
                // Fewer than asked for: nothing is left. Whatever changes that rings the bell.
                sleep = round.claimed < free && round.quietFor > .zero ? min(longestSleep, round.quietFor) : nil
            } catch .lapsed {
                lapsed()
            } catch {
                if isStopping { break }
                trouble += 1
                worker.logger.warning("cannot reserve", metadata: ["reason": "\(error)"])
                try? await Task.sleep(for: .milliseconds(min(2000, 50 << min(trouble, 5))))  // Redis failed
            }
        }
        await giveBack(&intakes)
    }

    /// Also without a bell a worker looks now and then; one that drains, whether its last job has ended.
    private var longestSleep: Duration { worker.options.drain ? .milliseconds(50) : .seconds(5) }

    /// One round over the queues, in an order drawn by their weights.
    private func claim(
        upTo free: Int, from intakes: inout [Claimer], after bell: Bell?
    ) async throws(QueueError) -> (claimed: Int, quietFor: Duration) {
        let order = drawOrder()
        var left = order[...]
        var waits = bell
        var claimed = 0
        var quietFor = longestSleep
        while claimed < free, !isStopping, let i = left.popFirst() {
            let reserved = try await intakes[i].reserve(upTo: free - claimed, after: waits.take())
            claimed += reserved.claims.count
            if !reserved.claims.isEmpty { start(reserved.claims, from: i) }
            quietFor = min(quietFor, reserved.quietFor)
        }
        // The bell that rang may have been that of a queue whose turn has not come: another worker is to hear it.
        if bell != nil { for i in left { try await worker.queues[i].ring() } }
        return (claimed, quietFor)
    }

    /// Stopping cuts off a reserve that waits for the bell. If it rang in that moment, its jobs go back at once.
    private func giveBack(_ intakes: inout [Claimer]) async {
        for i in intakes.indices where isAlive && intakes[i].owesResync {
            do {
                let owed = try await intakes[i].resync(within: patience)
                for claim in owed.claims { outcomes[i].add(Settled(claim, .released)) }
            } catch {
                worker.logger.warning(
                    "cannot resync; what it may hold goes back at the end", metadata: ["reason": "\(error)"])
            }
        }
    }

    private func start(_ claims: [Claim], from i: Int) {
        var attempts: [Attempt] = []
        attempts.reserveCapacity(claims.count)
        for claim in claims {
            do throws(QueueError) {
                let body = try JobBody(claim.body, of: claim.id.text)
                if let handler = worker.registry.handlers[body.type], body.version <= handler.version {
                    attempts.append(
                        Attempt(claim, body, handler, queue: worker.queues[i], settling: outcomes[i], session: self))
                } else {
                    outcomes[i].add(Settled(claim, leave(body, of: claim, in: worker.queues[i])))
                }
            } catch {
                let failure = JobFailure(type: "damaged", message: "\(error)", retryable: false)
                outcomes[i].add(Settled(claim, .dead(failure)))
            }
        }
        worker.runners.start(attempts)
        // The lease may have lapsed while the reply was on its way: nobody has seen these jobs then.
        if !isAlive { interruptAfterLapse() }
    }

    /// A newer worker may know the type: the job is not failed, only put aside for a while.
    private func leave(_ body: JobBody, of claim: Claim, in queue: Queue) -> Outcome {
        worker.logger.about(claim, body, in: queue).notice(
            "job left to another worker: type or version unknown here", metadata: ["version": "\(body.version)"])
        return .unclaimed(delay: worker.options.unclaimedDelay)
    }

    private func drawOrder() -> [Int] {
        var random = SystemRandomNumberGenerator()
        return weightedOrder(worker.options.queues.map(\.weight), using: &random)
    }
}
