internal import Foundation
internal import Logging
internal import Queue
internal import PackhorseRedis

extension WorkerSession {
    /// What the claiming remembers from round to round.
    private struct Claiming {
        var claimers: [Claimer]
        /// The queues on whose bells nobody can sleep, because their keys are broken; looked at again after this time.
        var silent: (queues: Set<Int>, until: ContinuousClock.Instant) = ([], .now)

        /// Queues that are not to be asked yet are left out.
        func ready(_ order: [Int]) -> [Int] {
            let now = ContinuousClock.now
            return order.filter { claimers[$0].restsUntil.map { $0 <= now } ?? true }
        }

        /// How long until the next of those that rest is asked again.
        var rest: Duration? {
            claimers.compactMap(\.restsUntil).min().map { max(.milliseconds(1), $0 - .now) }
        }
    }

    /// One round over the queues.
    private struct Round {
        var claimed = 0
        var quietFor: Duration
    }

    /// Claims jobs for as long as there are slots, and starts them. Sleeps in Redis while there is nothing to do.
    func claimAll(_ bell: RedisConnection) async {
        var claiming = Claiming(claimers: worker.queues.map { Claimer($0, of: self) })
        var sleep: Duration?
        var trouble = 0
        while phase == .claiming, let free = await worker.runners.free() {
            if free == 0 || phase != .claiming { continue }
            // Looked at before it asks: a job that ends meanwhile may have stored another one.
            let isIdle = !worker.runners.isBusy(for: self) && outcomes.allSatisfy(\.isIdle)
            do {
                let round = try await claim(upTo: free, &claiming, sleeping: sleep, on: bell)
                trouble = 0
                let isQuiet = round.claimed < free && round.quietFor > .zero
                if worker.options.drain && isIdle && round.claimed == 0 && isQuiet && claiming.rest == nil {
                    move(to: .drained)
                }
                // Fewer than asked for: nothing is left. Whatever changes that rings the bell.
                sleep = isQuiet ? [longestSleep, round.quietFor, claiming.rest].compactMap { $0 }.min() : nil
            } catch .lapsed {
                lapsed()
            } catch {
                if phase != .claiming { break }
                trouble += 1
                worker.repeated.log(.warning, "cannot reserve", metadata: ["reason": "\(error)"])
                await rest(for: .milliseconds(min(2000, 50 << min(trouble, 5))))  // Redis failed
            }
        }
        await giveBack(&claiming.claimers)
    }

    /// Also without a bell a worker looks now and then; one that drains, whether its last job has ended.
    private var longestSleep: Duration { worker.options.drain ? .milliseconds(50) : .seconds(5) }

    /// One round over the queues, in an order drawn by their weights. A queue that refuses costs the others nothing: it
    /// is asked again after a rest of its own.
    ///
    /// - Parameter sleep: wait for the bell first, at most so long; nil to ask at once.
    /// - Throws: what concerns all queues: `redis`, `lapsed`.
    private func claim(
        upTo free: Int, _ claiming: inout Claiming, sleeping sleep: Duration?, on connection: RedisConnection
    ) async throws(QueueError) -> Round {
        var left = claiming.ready(drawOrder())[...]
        var bell: Bell?
        if let sleep {
            if claiming.silent.until <= .now { claiming.silent.queues = [] }
            let audible = left.filter { !claiming.silent.queues.contains($0) }
            // Whose bell can't be heard is asked now and then.
            let sleep = audible.count == left.count ? sleep : min(sleep, .milliseconds(250))
            if audible.isEmpty {
                await rest(for: sleep)
                left = claiming.ready(drawOrder())[...]
            } else {
                bell = Bell(of: audible.map { worker.queues[$0] }, for: sleep, on: connection)
            }
        }
        let waits = bell != nil
        var round = Round(quietFor: longestSleep)
        while round.claimed < free, phase == .claiming, let i = left.popFirst() {
            do {
                let reserved = try await claiming.claimers[i].reserve(upTo: free - round.claimed, after: bell.take())
                claiming.claimers[i].works()
                round.claimed += reserved.claims.count
                if !reserved.claims.isEmpty { start(reserved.claims, from: i) }
                round.quietFor = min(round.quietFor, reserved.quietFor)
            } catch .refused(let script, let message) {
                let isBell = script == "\(Bell.command)"
                if isBell { await listen(for: &claiming) } else { claiming.claimers[i].rest() }
                let queue = worker.queues[i].name
                worker.repeated.log(
                    .warning, "cannot reserve", about: isBell ? script : queue.text,
                    metadata: [
                        "queue": "\(queue)", "reason": "\(QueueError.refused(script: script, message: message))",
                    ])
            }
        }
        // The bell that rang may have been that of a queue whose turn has not come: another worker is to hear it.
        if waits { for i in left { try? await worker.queues[i].ring() } }
        return round
    }

    /// Finds the bells that are broken: they can't be rung.
    private func listen(for claiming: inout Claiming) async {
        claiming.silent = ([], .now + .seconds(10))
        for (i, queue) in worker.queues.enumerated() {
            do { try await queue.ring() } catch { claiming.silent.queues.insert(i) }
        }
    }

    /// Stopping cuts off a reserve that waits for the bell. If it rang in that moment, its jobs go back at once.
    private func giveBack(_ claimers: inout [Claimer]) async {
        for i in claimers.indices where isAlive && claimers[i].owesResync {
            do {
                let owed = try await claimers[i].resync(within: patience)
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
        worker.repeated.log(
            .notice, "job left to another worker: type or version unknown here", about: body.type, first: 1,
            metadata: claim.about(body, in: queue).merging(["version": "\(body.version)"]) { $1 })
        return .unclaimed(delay: worker.options.unclaimedDelay)
    }

    private func drawOrder() -> [Int] {
        var random = SystemRandomNumberGenerator()
        return weightedOrder(worker.options.queues.map(\.weight), using: &random)
    }
}
