internal import Logging
internal import Queue

extension Term {
    /// Writes outcomes, all that gathered while the last write was under way in one script call.
    ///
    /// It ends when the jobs have ended and all is written, or when the lease has lapsed: then nothing may be written.
    func settleAll() async {
        while let batch = await outcomes.next(limit: Queue.batchLimit) {
            for i in worker.queues.indices {
                let part = worker.queues.count == 1 ? batch : batch.filter { $0.queue == i }
                if !part.isEmpty { await settle(part, in: worker.queues[i]) }
            }
        }
    }

    private func settle(_ batch: [Settled], in queue: Queue) async {
        var trouble = 0
        while isAlive {
            do {
                let refused = try await queue.settle(
                    batch.map { ($0.claim, as: $0.settlement) }, by: name, retention: worker.options.retention)
                return count(batch, refused: refused)
            } catch {
                // Every settle may be repeated: what was written is not written again.
                trouble += 1
                worker.logger.warning(
                    "cannot settle; trying again", metadata: ["jobs": "\(batch.count)", "reason": "\(error)"])
                try? await Task.sleep(for: .milliseconds(min(1000, 20 << min(trouble, 6))))
            }
        }
        for settled in batch { settled.handler?.metrics.countRefused() }
    }

    private func count(_ batch: [Settled], refused: [JobID]) {
        if !refused.isEmpty {
            worker.logger.warning(
                "outcomes refused: these jobs run elsewhere",
                metadata: ["jobs": "\(refused.map(\.text).prefix(20))", "count": "\(refused.count)"])
        }
        let lost = Set(refused)
        for settled in batch {
            guard let metrics = settled.handler?.metrics else { continue }
            if !lost.isEmpty && lost.contains(settled.claim.id) {
                metrics.countRefused()
            } else {
                metrics.count(settled.settlement)
            }
        }
    }
}
