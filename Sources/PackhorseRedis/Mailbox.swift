internal import CHiredis
internal import Glibc
internal import Synchronization

/// Where senders leave commands and the connection's thread picks them up; all that the two sides share.
final class Mailbox: Sendable {
    /// An eventfd that rings when the thread sleeps and has something to do.
    let bell: Int32
    /// How often the connection has been made.
    let connects = Atomic<Int>(0)
    private let state = Mutex(State())

    fileprivate struct State {
        var phase = Phase.new
        /// The commands that no one has picked up, end to end, and who waits for their replies, in the same order.
        var bytes: [UInt8] = []
        var waiters: [Waiter] = []
        /// A connection with nothing under way, to which a sender may write its command itself; -1 for none.
        var idle: Int32 = -1
        /// The thread looks in by itself: it is at work, or somebody has rung.
        var awake = true
        /// When a thread that sleeps looks in at the latest, bell or not; nil for never.
        var wakes: ContinuousClock.Instant?
        /// How many of the waiters, the first ones, have commands that were written so.
        var written = 0
        /// Pieces of tasks that run on the thread, while there is a connection.
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
        /// The thread runs; the connection may be broken for the moment.
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
        _ = eventfd_write(bell, 1)  // fails only when it has rung 2⁶⁴ times unheard
    }
}

extension Mailbox.State {
    /// Writes a short command to the idle connection, if there is one: it takes all of it or nothing.
    fileprivate mutating func write(_ bytes: [UInt8]) -> Bool {
        guard idle >= 0, waiters.isEmpty, bytes.count <= 2048 else { return false }
        let sent = send(idle, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        // A socket with nothing under way takes so little whole. If not, a piece of it is there: no use any more.
        if sent > 0 && sent < bytes.count { shutdown(idle, Int32(SHUT_RDWR)) }
        idle = -1
        return sent > 0
    }

    /// - Returns: whether the bell must be rung, so that the thread looks in at once.
    fileprivate mutating func wake() -> Bool {
        defer { awake = true }
        return !awake
    }
}

/// One command that waits for its reply.
struct Waiter: Sendable {
    private let pending: PendingReply
    /// When the reply must be there.
    var deadline: ContinuousClock.Instant
    let timeout: Duration
    /// Of the command, in bytes.
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
    /// Leaves a command, or two end to end: then `first` waits for the reply to the one ahead.
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
            // The reply will wake the thread; it only has to be there in time to miss one.
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
    /// Swaps what lies there for empty arrays, whose room is used again.
    ///
    /// - Returns: until when to wait for replies if the connection is to close.
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

    /// The same for the pieces of tasks that wait.
    func empty(into jobs: inout [UnownedJob]) {
        state.withLock { swap(&$0.jobs, &jobs) }
    }

    /// The thread wants to sleep, and must empty the mailbox before it does anything else.
    ///
    /// - Parameters:
    ///   - socket: to lend to the next sender: one thread less to wake before the server gets its command.
    ///   - deadline: when it looks in without a bell.
    /// - Returns: false if something lies there.
    func sleep(lending socket: Int32?, until deadline: ContinuousClock.Instant?) -> Bool {
        state.withLock { state in
            guard state.waiters.isEmpty, state.jobs.isEmpty else { return false }
            state.idle = socket ?? -1
            state.awake = false
            state.wakes = deadline
            return true
        }
    }

    /// Takes the bell's sound away.
    func hush() {
        var count: UInt64 = 0
        _ = eventfd_read(bell, &count)
    }

    /// From when to when there is a connection, and the thread runs pieces of tasks; then it hands on what it has not run.
    func takeJobs(_ takes: Bool) {
        let left = state.withLock { state in
            state.takesJobs = takes
            defer { if !takes { state.jobs = [] } }
            return takes ? [] : state.jobs
        }
        for job in left { globalConcurrentExecutor.enqueue(job) }
    }

    /// The connection is lost.
    ///
    /// - Returns: those whose commands were written to it and never picked up.
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

    /// Says that the first connect has succeeded, or has failed and the thread ends; then another may begin.
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

    /// While there is no connection: sends those away whose time is up, with the reason.
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

    /// The thread's last word: nothing is answered any more.
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

/// Tasks on the thread of the connection: what waits for a reply goes on where the reply comes in. While there is no
/// connection they run elsewhere.
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
