internal import Logging
internal import PackhorseRedis
internal import Queue

extension WorkerSession {
    /// Writes the outcomes of one queue's jobs: all that were collected during the last write go into one script call.
    ///
    /// It ends when the jobs have ended and everything is written, or when the lease has lapsed; then nothing may be
    /// written.
    func settle(_ outcomes: Batcher<Settled>, in queue: Queue) async {
        while let batch = await outcomes.next(size: { $0.size }) {
            await settle(batch, in: queue)
        }
    }

    private func settle(_ batch: [Settled], in queue: Queue) async {
        var trouble = 0
        while isAlive {
            do {
                let refused = try await queue.settle(batch, by: name)
                if !refused.isEmpty { report(refused, of: queue) }
                return
            } catch .refused(let script, let message) where message.contains("WRONGTYPE") {
                // Redis would refuse again: a key is broken, and perhaps only one job's outcome needs it. All other
                // refusals (a full disk, a missing permission) are temporary, and the outcomes wait.
                if batch.count > 1 {
                    for settled in batch { await settle([settled], in: queue) }
                    return
                }
                worker.repeated.log(
                    .error, "outcome can't be written; the job is given back at the end", about: queue.name.text,
                    metadata: [
                        "job": "\(batch[0].claim.id)", "queue": "\(queue.name)",
                        "reason": "\(QueueError.refused(script: script, message: message))",
                    ])
                return
            } catch {
                // Every settle can be repeated: what was written is not written again.
                trouble += 1
                worker.repeated.log(
                    .warning, "cannot settle; trying again", about: queue.name.text,
                    metadata: ["jobs": "\(batch.count)", "queue": "\(queue.name)", "reason": "\(error)"])
                if worker.isStoppingNow || error == .redis(.closed) { return }
                try? await Task.sleep(for: .milliseconds(min(1000, 20 << min(trouble, 6))))  // Redis failed
            }
        }
    }

    private func report(_ refused: [JobID], of queue: Queue) {
        worker.metrics.refused(refused.count)
        self.refused(by: queue.name)
        worker.repeated.log(
            .warning, "outcomes refused: these jobs run elsewhere", about: queue.name.text,
            metadata: [
                "jobs": "\(refused.prefix(20).map(\.text))", "count": "\(refused.count)", "queue": "\(queue.name)",
            ])
    }
}
