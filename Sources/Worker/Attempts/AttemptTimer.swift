internal import Dispatch
internal import Queue

/// Calls a closure when the time of an attempt is up. Not a sleeping task: after its cancellation that would stay in memory
/// until its time is up.
struct AttemptTimer {
    private let source: any DispatchSourceTimer

    init(_ limit: Duration, _ isUp: @escaping @Sendable () -> Void) {
        source = DispatchSource.makeTimerSource()
        source.setEventHandler(handler: isUp)
        source.schedule(deadline: .now() + .milliseconds(limit.milliseconds))
        source.activate()
    }

    func cancel() { source.cancel() }
}
