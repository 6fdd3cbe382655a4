internal import Dispatch
internal import Foundation
internal import Logging
internal import Queue
internal import PackhorseRedis
internal import Synchronization

/// Renews a worker's lease on its own thread and connection: handlers may hold every other thread.
final class Heartbeat: Sendable {
    private let session: WorkerSession
    private let tickers: [Ticker]
    /// Ends a rest early.
    private let alarm = DispatchSemaphore(value: 0)
    private let ended = Mutex(false)

    init(of session: WorkerSession, _ tickers: [Ticker]) {
        self.session = session
        self.tickers = tickers
    }

    func start() {
        let thread = Thread { [self] in beat() }
        thread.name = "heartbeat"
        thread.start()
    }

    func stop() {
        ended.withLock { $0 = true }
        alarm.signal()
    }

    /// Beats now: the reply says which jobs somebody wants cancelled.
    func beatNow() { alarm.signal() }

    private func beat() {
        let options = session.worker.options
        let clock = ContinuousClock()
        while !hasEnded {
            do {
                var socket = try RedisSocket.connect(
                    session.worker.url, timeout: patience, clientName: "packhorse-heart")
                session.speaks(to: ServerRun.id(in: try socket.call(ServerRun.question, timeout: patience)))
                while !hasEnded {
                    let sent = clock.now
                    try beatAll(over: &socket)
                    // The time before it was sent: so the lease never ends later here than in Redis.
                    session.beaten(at: sent)
                    if rest(options.beat) { return }
                }
            } catch let error as QueueError {
                if case .lapsed = error {
                    // Beats that were in flight while the lease was given back say nothing.
                    if !hasEnded { session.lapsed() }
                    return
                }
                complain(error)
            } catch {
                complain(error)
            }
            if session.leaseLeft <= .zero { return session.lapsed() }
            if rest(options.beat / 4) { return }
        }
    }

    /// A queue with broken keys does not cost the other queues the lease.
    private func beatAll(over socket: inout RedisSocket) throws {
        var trouble: QueueError?
        var renewed = 0
        for (queue, ticker) in zip(session.worker.queues, tickers) where !hasEnded {
            do {
                ticker.tickIsDue(in: try beat(queue, over: &socket))
                renewed += 1
            } catch let error as QueueError {
                guard case .refused = error else { throw error }
                complain(error, of: queue.name.text)
                trouble = error
            }
        }
        if let trouble, renewed == 0 { throw trouble }
    }

    /// - Returns: how long it is until the queue's next tick.
    private func beat(_ queue: Queue, over socket: inout RedisSocket) throws -> Duration? {
        let command = queue.beatCommand(
            session.name, lease: session.worker.options.lease, about: session.description)
        let beat = try Beat(try socket.call(command, timeout: patience))
        for id in beat.cancelled { session.cancel(id) }
        return beat.nextTick
    }

    /// How long to wait for a reply: after that, another connection can still renew the lease.
    private var patience: Duration { max(.milliseconds(1), min(session.worker.options.beat, session.leaseLeft)) }

    private var hasEnded: Bool { ended.withLock { $0 } }

    /// - Returns: true if the worker has left.
    private func rest(_ time: Duration) -> Bool {
        _ = alarm.wait(timeout: .now() + .milliseconds(time.milliseconds))
        return hasEnded
    }

    private func complain(_ error: any Error, of queue: String? = nil) {
        var metadata: Logger.Metadata = ["reason": "\(error)"]
        if let queue { metadata["queue"] = .string(queue) }
        session.worker.repeated.log(.warning, "no heartbeat", about: queue ?? "", metadata: metadata)
    }
}
