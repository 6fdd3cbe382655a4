import Testing

@testable import Worker

struct RoomWaitTests {
    /// What the claim loop gets when it asks, and what it gets by `move` if it waits; nil also if `move` leaves it waiting.
    private func ask(
        _ wait: inout RoomWait, room: Int? = nil, _ move: (inout RoomWait) -> RoomWait.Answer? = { _ in nil }
    ) async -> Int? {
        await withCheckedContinuation { (loop: RoomWait.Loop) in
            var answer = wait.ask(loop, room: room)
            if answer == nil { answer = move(&wait) }
            if answer == nil { answer = wait.close() }
            answer?.give()
        }
    }

    @Test func aLoopThatWaitsGetsTheRoomThatIsFound() async {
        var wait = RoomWait()
        let got = await ask(&wait) { $0.found(3) }
        #expect(got == 3)
    }

    @Test func aTurnThatFindsNoRoomLeavesTheLoopWaiting() async {
        var wait = RoomWait()
        let got = await ask(&wait) { wait in
            if let early = wait.found(nil) { return early }
            return wait.found(2)
        }
        #expect(got == 2)
    }

    @Test func aNudgeWakesTheLoopWithNothingAndIsUsedUp() async {
        var wait = RoomWait()
        let first = await ask(&wait) { $0.nudge() }
        #expect(first == 0)
        let second = await ask(&wait, room: 5)
        #expect(second == 5)
    }

    @Test func aNudgeBeforeTheLoopAsksIsKeptForItOnce() async {
        var wait = RoomWait()
        _ = wait.nudge()
        let first = await ask(&wait, room: 5)
        #expect(first == 0)
        let second = await ask(&wait, room: 5)
        #expect(second == 5)
    }

    @Test func aCloseStaysWhateverFollows() async {
        var wait = RoomWait()
        _ = wait.close()
        _ = wait.nudge()
        let answer = wait.found(7)
        #expect(answer == nil)
        let got = await ask(&wait, room: 7)
        #expect(got == nil)
    }
}

struct SleepersTests {
    /// Who is called; a sleeper is woken.
    private func name(_ call: Sleepers.Call) -> String {
        switch call {
        case .nobody: return "nobody"
        case .sleeper(let runner):
            runner.resume(returning: true)
            return "sleeper"
        case .new: return "new"
        }
    }

    @Test func theNextIsWokenWhenTheLastHasCome() {
        var sleepers = Sleepers()
        var called = [name(sleepers.wake()), name(sleepers.wake())]
        sleepers.came()
        called.append(name(sleepers.wake()))
        #expect(called == ["new", "nobody", "new"])
    }

    @Test func aSleeperIsWokenBeforeANewOneIsMade() async {
        var sleepers = Sleepers()
        var called = ""
        let wasWoken: Bool = await withCheckedContinuation { (runner: Sleepers.Sleeper) in
            let sleeps = sleepers.sleep(runner, mayBegin: false)
            if sleeps { called = name(sleepers.wake()) } else { runner.resume(returning: false) }
        }
        #expect(called == "sleeper")
        #expect(wasWoken)
    }

    @Test func aRunnerStaysAwakeForWorkThatNobodyIsComingFor() async {
        var sleepers = Sleepers()
        let wasWoken: Bool = await withCheckedContinuation { (runner: Sleepers.Sleeper) in
            let sleeps = sleepers.sleep(runner, mayBegin: true)
            if sleeps { _ = name(sleepers.wake()) } else { runner.resume(returning: false) }
        }
        #expect(!wasWoken)
    }

    @Test func aRunnerSleepsWhenTheOneThatComesBeginsTheWork() async {
        var sleepers = Sleepers()
        _ = name(sleepers.wake())
        var called = ""
        let wasWoken: Bool = await withCheckedContinuation { (runner: Sleepers.Sleeper) in
            let sleeps = sleepers.sleep(runner, mayBegin: true)
            sleepers.came()
            if sleeps { called = name(sleepers.wake()) } else { runner.resume(returning: false) }
        }
        #expect(called == "sleeper")
        #expect(wasWoken)
    }
}

struct BatchWaitTests {
    @Test func whatGathersAfterTheCloseOpensNothing() {
        var wait = BatchWait.open
        _ = wait.close()
        _ = wait.gathered()
        #expect(wait.isClosed)
    }

    @Test func aClosedBatchLetsNobodyWait() async {
        var wait = BatchWait.closed
        var waits = true
        await withCheckedContinuation { (taker: BatchWait.Taker) in
            waits = wait.begin(taker)
            taker.resume()
        }
        #expect(!waits)
    }
}
