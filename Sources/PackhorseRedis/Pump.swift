internal import DequeModule
internal import Glibc
internal import Synchronization

/// The thread of a `RedisConnection`: it connects, writes the commands that have gathered, hands out the replies, and
/// reconnects when the connection breaks.
struct Pump {
    let url: RedisURL
    let name: String
    let connectTimeout: Duration
    let mailbox: Mailbox

    /// The waiters, in the order of their commands. None has a later deadline than the next one, see `take`.
    private var inFlight: Deque<Waiter> = []
    private var bytes: [UInt8] = []
    private var waiters: [Waiter] = []
    private var jobs: [UnownedJob] = []
    /// Whether the last turn found nothing to do.
    private var isQuiet = false
    private var backoff = Backoff()
    /// Until when to wait for replies; set once the connection is to close.
    private var closeBy: ContinuousClock.Instant?
    private var entries = [pollfd](repeating: pollfd(), count: 2)

    init(_ url: RedisURL, name: String, connectTimeout: Duration, _ mailbox: Mailbox) {
        self.url = url
        self.name = name
        self.connectTimeout = connectTimeout
        self.mailbox = mailbox
    }

    /// Returns when the connection is to close, or when the first connect has failed.
    mutating func run() {
        var trouble = RedisError.unreachable(endpoint: url.description, reason: "not connected yet")
        guard mailbox.bell >= 0 else {
            let reason = "no eventfd: too many files are open"
            return mailbox.opened(.failure(.unreachable(endpoint: url.description, reason: reason)))
        }
        do throws(RedisError) {
            var socket = try connect(trouble)
            mailbox.opened(.success(()))
            trouble = try serve(&socket)
        } catch .closed {
            return mailbox.ended()
        } catch {
            return mailbox.opened(.failure(error))
        }
        while pause(trouble) {
            do throws(RedisError) {
                var socket = try connect(trouble)
                trouble = try serve(&socket)
            } catch .closed {
                break
            } catch {
                trouble = error
            }
        }
        mailbox.ended()
    }

    private func connect(_ trouble: RedisError) throws(RedisError) -> RedisSocket {
        let mailbox = mailbox
        let limit = TimeLimit(connectTimeout) { mailbox.goesOn(trouble) }
        let socket = try RedisSocket.connect(url, clientName: name, limit)
        mailbox.connects.add(1, ordering: .releasing)
        return socket
    }

    /// Waits before the next attempt to connect; returns false if the connection is to close.
    private mutating func pause(_ trouble: RedisError) -> Bool {
        let end = ContinuousClock.now + backoff.next()
        while mailbox.goesOn(trouble) {
            let left = end - .now
            guard left > .zero else { return true }
            _ = poll(nil, 0, Poll.milliseconds(min(left, .milliseconds(50))))
        }
        return false
    }

    /// Works until the connection breaks and returns the reason; throws `closed` when the connection is to close.
    private mutating func serve(_ socket: inout RedisSocket) throws(RedisError) -> RedisError {
        do throws(RedisError) {
            mailbox.takeJobs(true)
            while true { try turn(&socket) }
        } catch {
            mailbox.takeJobs(false)
            let waiting = Array(inFlight) + mailbox.lost()
            inFlight.removeAll()
            for waiter in waiting { waiter.resume(.failure(error)) }
            guard error != .closed else { throw .closed }
            return error
        }
    }

    /// Waits until there is something to do, then does it.
    private mutating func turn(_ socket: inout RedisSocket) throws(RedisError) {
        let now = ContinuousClock.now
        if let closeBy, inFlight.isEmpty || closeBy <= now { throw .closed }
        let hasNothing = inFlight.isEmpty && !socket.hasOutput
        // It checks the mailbox once more soon after it had work: until then, senders need not wake it.
        let again = hasNothing && !isQuiet ? now + .seconds(1) : nil
        let deadline = [inFlight.first?.deadline, closeBy, again].lazy.compactMap { $0 }.min()
        let sleeps = mailbox.sleep(lending: hasNothing ? socket.plainDescriptor : nil, until: deadline)
        entries[0] = pollfd(fd: mailbox.bell, events: Int16(POLLIN), revents: 0)
        entries[1] = pollfd(
            fd: socket.fd, events: Int16(socket.hasOutput ? POLLIN | POLLOUT : POLLIN), revents: 0)
        let limit = sleeps ? deadline.map { Poll.milliseconds(max(.zero, $0 - now)) } ?? -1 : 0
        guard poll(&entries, 2, limit) >= 0 else { return }

        if entries[0].revents != 0 { mailbox.hush() }
        // Before reading: a reply may belong to a command that its sender wrote itself.
        try take(&socket)
        if entries[1].revents & Int16(POLLOUT) != 0 { try socket.flush() }
        if entries[1].revents & ~Int16(POLLOUT) != 0 {
            let endpoint = socket.endpoint
            try socket.read { reply throws(RedisError) in try deliver(reply, from: endpoint) }
        }
        mailbox.empty(into: &jobs)
        isQuiet = jobs.isEmpty && inFlight.isEmpty && entries[1].revents == 0
        for job in jobs { job.runSynchronously(on: mailbox.asUnownedTaskExecutor()) }
        jobs.removeAll(keepingCapacity: true)
        // Checked last: a reply that had arrived when this turn began is not late, even if the thread had no CPU time.
        if let late = inFlight.first, late.deadline <= now {
            throw .unreachable(endpoint: socket.endpoint, reason: "no reply within \(late.timeout)")
        }
    }

    /// Sends what has gathered in the mailbox.
    private mutating func take(_ socket: inout RedisSocket) throws(RedisError) {
        closeBy = mailbox.empty(into: &bytes, &waiters)
        for waiter in waiters {
            // Replies come in order: all waiters before one with an early deadline must be answered by then, too.
            var index = inFlight.endIndex - 1
            while index >= 0, inFlight[index].deadline > waiter.deadline {
                inFlight[index].deadline = waiter.deadline
                index -= 1
            }
            inFlight.append(waiter)
        }
        waiters.removeAll(keepingCapacity: true)
        guard !bytes.isEmpty else { return }
        defer { if bytes.capacity > 1 << 20 { bytes = [] } else { bytes.removeAll(keepingCapacity: true) } }
        try socket.write(bytes)
    }

    private mutating func deliver(_ reply: RedisReply, from endpoint: String) throws(RedisError) {
        guard let waiter = inFlight.popFirst() else {
            throw .garbled(endpoint: endpoint, reason: "a reply that no command asked for")
        }
        guard case .error(let text) = reply, let trouble = Trouble(text) else {
            backoff.reset()
            return waiter.resume(.success(reply))
        }
        let error = RedisError.unreachable(endpoint: endpoint, reason: text)
        waiter.resume(.failure(error))
        if trouble == .demoted { throw error }
    }
}
