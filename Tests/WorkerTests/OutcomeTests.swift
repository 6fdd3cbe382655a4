import Queue
import Testing

@testable import Worker

struct OutcomeTests {
    struct Broken: Error, CustomStringConvertible { let description = "no paper" }

    private func of(
        _ ended: Result<Payload, any Error>, _ interruption: Interruption? = nil, failures: Int = 0, limit: Int = 3,
        keptSteps: Bool = false
    ) -> Outcome {
        Outcome.of(
            ended, interruption: interruption, failures: failures, limit: limit,
            policy: .exponential(base: .seconds(4)), keptSteps: keptSteps, random: { 0.5 })
    }

    @Test func aReturnedResultSucceedsAlsoWhenSomebodyWantedItCancelled() {
        #expect(of(.success([1])) == .succeeded(result: [1], dropsSteps: false))
        #expect(of(.success([1]), .cancelled) == .succeeded(result: [1], dropsSteps: false))
        #expect(of(.success([1]), .stopping, keptSteps: true) == .succeeded(result: [1], dropsSteps: true))
    }

    @Test func aFailureIsRepeatedUntilTheLimit() {
        let failure = JobFailure(type: "Broken", message: "no paper", retryable: true)
        #expect(of(.failure(Broken())) == .failed(failure, delay: .seconds(4)))
        #expect(of(.failure(Broken()), failures: 1) == .failed(failure, delay: .seconds(8)))
        #expect(of(.failure(Broken()), failures: 2) == .dead(failure))
        #expect(of(.failure(Broken()), limit: 1) == .dead(failure))
    }

    @Test func whatAHandlerAsksForIsDone() {
        #expect(of(.failure(RetryAfter(.seconds(9))), failures: 2) == .snoozed(delay: .seconds(9)))
        #expect(
            of(.failure(Discard("empty file")))
                == .dead(JobFailure(type: "discarded", message: "empty file", retryable: false)))
    }

    @Test func aCancelledHandlerThatThrowsIsCancelledOrReleased() {
        #expect(of(.failure(CancellationError()), .cancelled) == .cancelled(.cancelled))
        #expect(of(.failure(Broken()), .cancelled) == .cancelled(.cancelled))
        #expect(of(.failure(CancellationError()), .stopping) == .released)
        #expect(of(.failure(Broken()), .stopping) == .released)
        // Without a reason of ours it is the handler's own error.
        guard case .failed(let failure, _) = of(.failure(CancellationError())) else {
            Issue.record("a CancellationError that nobody asked for is a failure")
            return
        }
        #expect(failure.type == "CancellationError")
    }

    @Test func anAttemptThatWaitsForASignalAwaitsItUnlessItSucceededOrIsCancelled() throws {
        let wait = try SignalWait("go", timeout: .seconds(9))
        func outcome(_ ended: Result<Payload, any Error>, _ why: Interruption? = nil) -> Outcome {
            Outcome.of(
                ended, interruption: why, failures: 0, limit: 1, policy: .never, keptSteps: false, awaits: wait)
        }
        #expect(outcome(.failure(Broken())) == .awaiting(wait))
        #expect(outcome(.failure(Discard("x"))) == .awaiting(wait))
        #expect(outcome(.failure(CancellationError()), .stopping) == .awaiting(wait))
        #expect(outcome(.failure(Broken()), .cancelled) == .cancelled(.cancelled))
        #expect(outcome(.success([1])) == .succeeded(result: [1], dropsSteps: false))
    }

    @Test func anAttemptThatTookTooLongHasFailedWhateverItReturned() {
        let failure = JobFailure(type: "timeout", message: "the attempt took longer than 2.0 seconds", retryable: true)
        #expect(of(.success([1]), .timedOut(.seconds(2))) == .failed(failure, delay: .seconds(4)))
        #expect(of(.failure(CancellationError()), .timedOut(.seconds(2)), failures: 2) == .dead(failure))
    }

    @Test func whatCanNotBeReadOrWrittenIsDeadAtOnce() {
        for error in [
            HandlerError.undecodable(type: "a.b", reason: "x"), .unencodable(type: "a.b", reason: "x"),
            .resultTooLarge(type: "a.b", bytes: 2, limit: 1),
        ] {
            guard case .dead(let failure) = of(.failure(error)) else {
                Issue.record("\(error) must end the job")
                continue
            }
            #expect(failure.type == error.kind)
            #expect(!failure.retryable)
        }
    }
}

struct RetryPolicyTests {
    @Test func delaysDoubleUpToTheCapWithAQuarterOfJitter() {
        let policy = RetryPolicy.exponential(base: .seconds(1), cap: .seconds(60))
        #expect(policy.delay(after: 1, random: 0.5) == .seconds(1))
        #expect(policy.delay(after: 4, random: 0.5) == .seconds(8))
        #expect(policy.delay(after: 4, random: 0) == .seconds(6))
        #expect(policy.delay(after: 4, random: 1) == .seconds(10))
        #expect(policy.delay(after: 7, random: 0.5) == .seconds(60))
        #expect(policy.delay(after: 1_000, random: 0.5) == .seconds(60))
    }

    @Test func theDefaultRepeatsTwentyFiveTimesOverDays() {
        let policy = RetryPolicy.exponential()
        let total = (1..<25).reduce(Duration.zero) { $0 + policy.delay(after: $1, random: 0.5) }
        #expect(policy.limit == 25)
        #expect(total > .seconds(3 * 86_400))
        #expect(total < .seconds(5 * 86_400))
    }
}
