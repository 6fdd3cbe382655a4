internal import Enqueue
internal import Programs
internal import Queue

/// Waits for jobs, shows their progress, and prints their outcomes.
struct Waiting {
    private let session: Session
    private let json: Bool
    private let deadline: ContinuousClock.Instant

    /// - Parameter timeout: nil to wait without a limit.
    init(_ session: Session, json: Bool, timeout: Duration? = nil) {
        self.session = session
        self.json = json
        deadline = .now + (timeout ?? .seconds(10 * 365 * 86_400))
    }

    /// Waits for one job; its progress is drawn on a terminal.
    func end(of id: JobID) async throws {
        let bar = ProgressBar()
        let drawing = bar.isShown ? Task { try await draw(id, on: bar) } : nil
        func clear() async {
            drawing?.cancel()
            _ = await drawing?.result
            bar.clear()
        }
        let record: JobRecord
        do {
            record = try await wait { try await session.enqueue.wait(for: id, timeout: $0) }
        } catch {
            await clear()
            throw error
        }
        await clear()
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
                "job \(record.id) is still \(record.state.rawValue) and continues. Wait longer or ask later.")
        }
        return record
    }

    private func print(_ record: JobRecord) {
        if json { return Output.line(record.json()) }
        Output.line("\(record.id) \(record.state.rawValue)")
        if let result = record.result, result.bytes != Array("null".utf8) { Output.line(result.bytes) }
    }

    private func draw(_ id: JobID, on bar: ProgressBar) async throws {
        for try await case .progress(let json) in session.enqueue.events(of: id) { bar.show(progress: json) }
    }
}

extension JobRecord {
    /// Why the command can't end with 0; nil if the job has succeeded.
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
