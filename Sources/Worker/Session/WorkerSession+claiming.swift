internal import Foundation
internal import Logging
internal import Queue
internal import PackhorseRedis

extension WorkerSession {
    /// State that claiming keeps from round to round.
    private struct Claiming {
        var claimers: [Claimer]
        /// The queues whose bells can't be used because their keys are broken; they are checked again after this time.
        var silent: (queues: Set<Int>, until: ContinuousClock.Instant) = ([], .now)

        /// Leaves out queues that must not be asked yet.
        func ready(_ order: [Int]) -> [Int] {
            let now = ContinuousClock.now
            return order.filter { claimers[$0].restsUntil.map { $0 <= now } ?? true }
        }

        /// How long until the next resting queue is asked again.
        var rest: Duration? {
            claimers.compactMap(\.restsUntil).min().map { max(.milliseconds(1), $0 - .now) }
        }
    }

    /// One round over the queues.
    private struct Round {
        var claimed = 0
        var quietFor: Duration
    }

    /// Claims jobs while there is room, and starts them. Sleeps in Redis while there is nothing to do.
    func claimAll(_ bell: RedisConnection) async {
        var claiming = Claiming(claimers: worker.queues.map { Claimer($0, of: self) })
        var sleep: Duration?
        var trouble = 0
        while phase == .claiming, let free = await worker.runners.free() {
            if free == 0 || phase != .claiming { continue }
            // Checked before the call: a job that ends meanwhile may have stored another one.
            let isIdle = !worker.runners.isBusy(for: self) && outcomes.allSatisfy(\.isIdle)
            do {
                let round = try await claim(upTo: free, &claiming, sleeping: sleep, on: bell)
                trouble = 0
                let isQuiet = round.claimed < free && round.quietFor > .zero
                if worker.options.drain && isIdle && round.claimed == 0 && isQuiet && claiming.rest == nil {
                    move(to: .drained)
                }
                // Fewer than requested: nothing is left. Whatever changes that rings the bell.
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

    /// Even without a bell a worker checks now and then; one that drains also checks whether its last job has ended.
    private var longestSleep: Duration { worker.options.drain ? .milliseconds(50) : .seconds(5) }

    /// One round over the queues, in a random order by weight. A queue that refuses costs the others nothing: it is
    /// asked again after its own rest.
    ///
    /// - Parameter sleep: wait for the bell first, at most this long; nil to ask at once.
    /// - Throws: errors that concern all queues: `redis`, `lapsed`.
    private func claim(
        upTo free: Int, _ claiming: inout Claiming, sleeping sleep: Duration?, on connection: RedisConnection
    ) async throws(QueueError) -> Round {
        var left = claiming.ready(drawOrder())[...]
        var bell: Bell?
        if let sleep {
            if claiming.silent.until <= .now { claiming.silent.queues = [] }
            let audible = left.filter { !claiming.silent.queues.contains($0) }
            // Queues whose bell can't be heard are asked now and then.
            let sleep = audible.count == left.count ? sleep : min(sleep, .milliseconds(250))
            if audible.isEmpty {
                await rest(for: sleep)
                left = claiming.ready(drawOrder())[...]
            } else {
                bell = Bell(of: audible.map { worker.queues[$0] }, for: sleep, on: connection)
            }
        }
        let waits = bell != nil
        let alarm = waits ? ring(left, after: sleep ?? .zero) : nil
        defer { alarm?.cancel() }
        var round = Round(quietFor: longestSleep)
        while round.claimed < free, phase == .claiming, let i = left.popFirst() {
            do {
                let reserved = try await claiming.claimers[i].reserve(upTo: free - round.claimed, after: bell.take())
                alarm?.cancel()
                claiming.claimers[i].works()
                round.claimed += reserved.slots
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
        // The bell that rang may be that of a queue whose turn has not come: another worker must hear it.
        if waits { for i in left { try? await worker.queues[i].ring() } }
        return round
    }

    /// Rings when a sleep is over: Redis ends a blocking command up to 100 ms late.
    private func ring(_ queues: ArraySlice<Int>, after sleep: Duration) -> Task<Void, Never>? {
        guard sleep < longestSleep else { return nil }
        return Task {
            do { try await Task.sleep(for: sleep) } catch { return }  // until something is due
            for i in queues { try? await worker.queues[i].ring() }
        }
    }

    /// Finds the broken bells, which can't be rung.
    private func listen(for claiming: inout Claiming) async {
        claiming.silent = ([], .now + .seconds(10))
        for (i, queue) in worker.queues.enumerated() {
            do { try await queue.ring() } catch { claiming.silent.queues.insert(i) }
        }
    }

    /// Stopping interrupts a reserve that waits for the bell. If the bell rang at that moment, the reserve's jobs go
    /// back at once.
    private func giveBack(_ claimers: inout [Claimer]) async {
        for i in claimers.indices where isAlive && claimers[i].owesResync {
            do {
                let owed = try await claimers[i].resync(within: patience)
                for claim in owed.claims { outcomes[i].add(Settled(claim, .released)) }
            } catch {
                worker.logger.warning(
                    "cannot resync; jobs that it may hold are given back at the end", metadata: ["reason": "\(error)"])
            }
        }
    }

    private func start(_ claims: [Claim], from i: Int) {
        var work: [Work] = []
        work.reserveCapacity(claims.count)
        var collected: (batch: Substring, handler: Handler, members: [Attempt])?
        func closeBatch() {
            guard let batch = collected.take() else { return }
            work.append(.batch(Batch(batch.members, batch.handler)))
        }
        for claim in claims {
            do throws(QueueError) {
                let body = try JobBody(claim.body, of: claim.id.text)
                if let handler = worker.registry.handlers[body.type], body.version <= handler.version {
                    let attempt = Attempt(
                        claim, body, handler, queue: worker.queues[i], settling: outcomes[i], session: self)
                    if handler.answer == nil {
                        work.append(.job(attempt))
                    } else if let batch = claim.batch, collected?.batch == batch {
                        collected?.members.append(attempt)
                    } else {
                        closeBatch()
                        collected = (claim.batch ?? "", handler, [attempt])
                    }
                } else {
                    outcomes[i].add(Settled(claim, leave(body, of: claim, in: worker.queues[i])))
                }
            } catch {
                let failure = JobFailure(type: "damaged", message: "\(error)", retryable: false)
                outcomes[i].add(Settled(claim, .dead(failure)))
            }
        }
        closeBatch()
        worker.runners.start(work)
        // The lease may have lapsed while the reply was in flight: then nobody has seen these jobs.
        if !isAlive { interruptAfterLapse() }
    }

    /// A newer worker may know the type, so the job is not failed but only put aside for a while.
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
