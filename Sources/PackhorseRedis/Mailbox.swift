internal import CHiredis
internal import Glibc
internal import Synchronization

/// Where senders leave commands and the connection's thread picks them up. It holds all state that the two sides share.
final class Mailbox: Sendable {
    /// An eventfd that wakes the sleeping thread when it has something to do.
    let bell: Int32
    /// How often the connection has been established.
    let connects = Atomic<Int>(0)
    private let state = Mutex(State())

    fileprivate struct State {
        var phase = Phase.new
        /// The commands that have not been picked up, end to end, and the waiters for their replies, in the same order.
        var bytes: [UInt8] = []
        var waiters: [Waiter] = []
        /// A connection with nothing in flight, to which a sender may write its command itself; -1 for none.
        var idle: Int32 = -1
        /// The thread will check the mailbox without the bell: it is working, or the bell has been rung.
        var awake = true
        /// When the sleeping thread checks the mailbox at the latest, with or without the bell; nil for never.
        var wakes: ContinuousClock.Instant?
        /// How many of the waiters, from the first on, have commands that senders wrote themselves.
        var written = 0
        /// Task jobs that run on the thread while there is a connection.
        var jobs: [UnownedJob] = []
        var takesJobs = false
        var openers: [CheckedContinuation<Result<Void, RedisError>, Never>] = []
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    fileprivate enum Phase: Equatable {
        /// No thread runs yet, or the first connect has failed.
        case new
        /// The thread runs and connects for the first time.
        case opening
        /// The thread runs; the connection may be broken at the moment.
        case open
        case closing(by: ContinuousClock.Instant)
        case closed
    }

    init() {
        bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    }

    deinit {
        Glibc.close(bell)
    }

    private func ring() {
        _ = eventfd_write(bell, 1)  // fails only after 2⁶⁴ unread rings
    }
}

extension Mailbox.State {
    /// Writes a short command to the idle connection, if there is one: all of it or nothing.
    fileprivate mutating func write(_ bytes: [UInt8]) -> Bool {
        guard idle >= 0, waiters.isEmpty, bytes.count <= 2048 else { return false }
        let sent = send(idle, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        // An idle socket takes this little at once. If it takes only a part, the connection is unusable.
        if sent > 0 && sent < bytes.count { shutdown(idle, Int32(SHUT_RDWR)) }
        idle = -1
        return sent > 0
    }

    /// - Returns: whether the bell must be rung, so that the thread checks the mailbox at once.
    fileprivate mutating func wake() -> Bool {
        defer { awake = true }
        return !awake
    }
}

/// A command that waits for its reply.
struct Waiter: Sendable {
    private let pending: PendingReply
    /// When the reply must have arrived.
    var deadline: ContinuousClock.Instant
    let timeout: Duration
    /// The length of the command in bytes.
    let length: Int

    init(_ pending: PendingReply, _ length: Int, _ timeout: Duration) {
        self.pending = pending
        self.length = length
        self.timeout = timeout
        deadline = .now + timeout
    }

    func resume(_ result: Result<RedisReply, RedisError>) {
        pending.put(result)
    }
}

/// The senders' side.
extension Mailbox {
    /// Leaves a command, or two end to end: then `first` waits for the reply to the earlier one.
    func put(_ bytes: [UInt8], _ waiter: Waiter, behind first: Waiter?) {
        let (refusal, rings): (RedisError?, Bool) = state.withLock { state in
            switch state.phase {
            case .opening, .open: break
            case .new: return (.unreachable(endpoint: "the URL", reason: "connect() was not called"), false)
            case .closing, .closed: return (.closed, false)
            }
            let isWritten = state.bytes.isEmpty && state.write(bytes)
            if isWritten {
                state.written = first == nil ? 1 : 2
            } else {
                state.bytes.append(contentsOf: bytes)
            }
            if let first { state.waiters.append(first) }
            state.waiters.append(waiter)
            // The reply will wake the thread; without a reply, it must be awake at the deadline.
            if isWritten, let wakes = state.wakes, wakes <= waiter.deadline { return (nil, false) }
            return (nil, state.wake())
        }
        if let refusal {
            first?.resume(.failure(refusal))
            waiter.resume(.failure(refusal))
        }
        if rings { ring() }
    }

    /// Resumes `opener` when the first connect has succeeded or failed.
    ///
    /// - Returns: whether the thread must be started for that.
    func open(_ opener: CheckedContinuation<Result<Void, RedisError>, Never>) -> Bool {
        let (known, starts): (Result<Void, RedisError>?, Bool) = state.withLock { state in
            switch state.phase {
            case .open: return (.success(()), false)
            case .closing, .closed: return (.failure(.closed), false)
            case .new, .opening:
                defer { state.phase = .opening }
                state.openers.append(opener)
                return (nil, state.phase == .new)
            }
        }
        if let known { opener.resume(returning: known) }
        return starts
    }

    /// Asks the thread to end; `closer`, if any, is resumed when it has.
    func close(by deadline: ContinuousClock.Instant, _ closer: CheckedContinuation<Void, Never>?) {
        let ended = state.withLock { state in
            switch state.phase {
            case .new: state.phase = .closed
            case .opening, .open: state.phase = .closing(by: deadline)
            case .closing, .closed: break
            }
            if state.phase != .closed, let closer { state.closers.append(closer) }
            return state.phase == .closed
        }
        if ended { closer?.resume() } else { ring() }
    }
}

/// The thread's side.
extension Mailbox {
    /// Swaps the contents for empty arrays, whose storage is reused.
    ///
    /// - Returns: until when to wait for replies, if the connection is to close; otherwise nil.
    func empty(into bytes: inout [UInt8], _ waiters: inout [Waiter]) -> ContinuousClock.Instant? {
        state.withLock { state in
            swap(&state.bytes, &bytes)
            swap(&state.waiters, &waiters)
            state.written = 0
            state.idle = -1
            state.awake = true
            guard case .closing(let deadline) = state.phase else { return nil }
            return deadline
        }
    }

    /// The same for the waiting task jobs.
    func empty(into jobs: inout [UnownedJob]) {
        state.withLock { swap(&$0.jobs, &jobs) }
    }

    /// Announces that the thread is about to sleep; when it wakes, it must empty the mailbox first.
    ///
    /// - Parameters:
    ///   - socket: lent to the next sender, so that no thread has to wake before the server gets the command.
    ///   - deadline: when the thread checks the mailbox without the bell.
    /// - Returns: false if the mailbox is not empty.
    func sleep(lending socket: Int32?, until deadline: ContinuousClock.Instant?) -> Bool {
        state.withLock { state in
            guard state.waiters.isEmpty, state.jobs.isEmpty else { return false }
            state.idle = socket ?? -1
            state.awake = false
            state.wakes = deadline
            return true
        }
    }

    /// Resets the bell.
    func hush() {
        var count: UInt64 = 0
        _ = eventfd_read(bell, &count)
    }

    /// Starts or stops running task jobs on the thread; when it stops, the waiting ones go to the global executor.
    func takeJobs(_ takes: Bool) {
        let left = state.withLock { state in
            state.takesJobs = takes
            defer { if !takes { state.jobs = [] } }
            return takes ? [] : state.jobs
        }
        for job in left { globalConcurrentExecutor.enqueue(job) }
    }

    /// Handles the loss of the connection.
    ///
    /// - Returns: the waiters whose commands were written to it but never picked up.
    func lost() -> [Waiter] {
        state.withLock { state in
            state.idle = -1
            defer {
                state.waiters.removeFirst(state.written)
                state.written = 0
            }
            return Array(state.waiters.prefix(state.written))
        }
    }

    /// Reports that the first connect has succeeded, or that it has failed and the thread ends; then another may start.
    func opened(_ result: Result<Void, RedisError>) {
        let (openers, refused, closers) = state.withLock { state in
            var refused: [Waiter] = []
            var closers: [CheckedContinuation<Void, Never>] = []
            if case .failure = result {
                if case .closing = state.phase { state.phase = .closed } else { state.phase = .new }
                state.bytes = []
                swap(&state.waiters, &refused)
                swap(&state.closers, &closers)
            } else if state.phase == .opening {
                state.phase = .open
            }
            defer { state.openers = [] }
            return (state.openers, refused, closers)
        }
        for opener in openers { opener.resume(returning: result) }
        guard case .failure(let error) = result else { return }
        for waiter in refused { waiter.resume(.failure(error)) }
        for closer in closers { closer.resume() }
    }

    /// While there is no connection: fails the waiters whose deadline has passed, with the reason.
    ///
    /// - Returns: false if the connection is to close.
    func goesOn(_ reason: RedisError) -> Bool {
        let now = ContinuousClock.now
        let (late, goesOn) = state.withLock { state in
            let late = state.waiters.filter { $0.deadline <= now }
            if !late.isEmpty {
                var rest: [UInt8] = []
                var start = 0
                for waiter in state.waiters {
                    let end = start + waiter.length
                    if waiter.deadline > now { rest += state.bytes[start..<end] }
                    start = end
                }
                state.bytes = rest
                state.waiters.removeAll { $0.deadline <= now }
            }
            return (late, state.phase == .opening || state.phase == .open)
        }
        for waiter in late { waiter.resume(.failure(reason)) }
        return goesOn
    }

    /// The thread has ended: fails everything that still waits.
    func ended() {
        let last = state.withLock { state in
            defer { state = State(phase: .closed) }
            return state
        }
        for waiter in last.waiters { waiter.resume(.failure(.closed)) }
        for opener in last.openers { opener.resume(returning: .failure(.closed)) }
        for closer in last.closers { closer.resume() }
    }
}

/// Runs tasks on the thread of the connection: a task that waits for a reply continues where the reply arrives. While there
/// is no connection, tasks run on the global executor.
extension Mailbox: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let (taken, rings) = state.withLock { state in
            guard state.takesJobs else { return (false, false) }
            state.jobs.append(job)
            return (true, state.wake())
        }
        if rings { ring() }
        if !taken { globalConcurrentExecutor.enqueue(job) }
    }
}
