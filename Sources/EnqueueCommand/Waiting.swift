internal import Enqueue
internal import Queue
internal import PackhorseRedis

/// Waits for jobs, shows how far they are, and prints what became of them.
struct Waiting {
    private let session: Session
    private let json: Bool
    private let deadline: ContinuousClock.Instant

    /// - Parameter timeout: nil to wait as long as it takes.
    init(_ session: Session, json: Bool, timeout: Duration? = nil) {
        self.session = session
        self.json = json
        deadline = .now + (timeout ?? .seconds(10 * 365 * 86_400))
    }

    /// Waits for one job; its progress is drawn on a terminal.
    func end(of id: JobID) async throws {
        let bar = ProgressBar()
        let watch = bar.isShown ? watch(id, bar) : nil
        let record: JobRecord
        do {
            record = try await wait { try await session.enqueue.wait(for: id, timeout: $0) }
        } catch {
            await watch?.close()
            bar.clear()
            throw error
        }
        await watch?.close()
        bar.clear()
        print(record)
        if let failure = record.failure { throw failure }
    }

    /// Waits for many that were watched before they were stored; the bar counts those that have ended.
    func end(of ids: [JobID], heardBy watch: JobWatch) async throws {
        let bar = ProgressBar()
        var failed = 0
        for (i, id) in ids.enumerated() {
            let record = try await wait { try await watch.end(of: id, timeout: $0) }
            if json || ids.count <= 1000 || record.failure != nil { bar.without { print(record) } }
            if record.failure != nil { failed += 1 }
            bar.show(i + 1, of: ids.count, note: "ended")
        }
        bar.clear()
        if failed > 0 {
            throw Failure.failed("\(failed) of \(ids.count) jobs did not succeed; `enqueue status ID` says why.")
        }
    }

    private func wait(_ end: (Duration) async throws -> JobRecord) async throws -> JobRecord {
        let record = try await end(ContinuousClock.now.duration(to: deadline))
        try Task.checkCancellation()
        guard record.state.hasEnded || record.state == .unknown else {
            if json { Output.line(record.json()) }
            throw Failure.timeout(
                "job \(record.id) is still \(record.state.rawValue); it goes on. Wait longer or ask later.")
        }
        return record
    }

    private func print(_ record: JobRecord) {
        if json { return Output.line(record.json()) }
        Output.line("\(record.id) \(record.state.rawValue)")
        if let result = record.result, result.bytes != Array("null".utf8) { Output.line(result.bytes) }
    }

    /// Progress is heard, not asked for.
    private func watch(_ id: JobID, _ bar: ProgressBar) -> RedisSubscription {
        let channel = session.enqueue.queue(id.queue).name(of: .progress)
        let subscription = RedisSubscription(session.url, name: "packhorse-progress", channels: [channel]) {
            _, message in
            guard case .progress(id, let json)? = QueueEvent(on: .progress, message) else { return }
            bar.show(progress: json)
        }
        subscription.start()
        return subscription
    }
}

extension JobRecord {
    /// Why the command can't end with 0; nil if it has succeeded.
    var failure: Failure? {
        switch state {
        case .succeeded: nil
        case .unknown: .failed("job \(id) is not known: it was never stored here, or is forgotten by now.")
        case .dead, .cancelled, .expired:
            .failed(
                ("job \(id) is \(state.rawValue)" + (error.map { ": \($0.type): \($0.message)" } ?? "")).sentence
                    + " `enqueue retry \(id)` runs it again.")
        case .scheduled, .queued, .running, .retrying:
            .timeout("job \(id) is \(state.rawValue). `enqueue wait \(id)` waits for its end.")
        }
    }
}
