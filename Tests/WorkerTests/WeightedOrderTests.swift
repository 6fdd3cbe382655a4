import Servers
import Testing

@testable import Worker

/// In which order a worker looks at its queues.
@Suite struct WeightedOrderTests {
    private let draws = 10_000

    /// How often each index came first.
    private func firsts(_ weights: [Int]) -> [Int] {
        var random = SeededRandom(1)
        return (0..<draws).reduce(into: weights.map { _ in 0 }) { firsts, _ in
            firsts[weightedOrder(weights, using: &random)[0]] += 1
        }
    }

    @Test func aQueueComesFirstInProportionToItsWeight() {
        let nine = firsts([9, 1])
        #expect((8900...9100).contains(nine[0]), "\(nine)")
        let turned = firsts([1, 9])
        #expect((900...1100).contains(turned[0]), "\(turned)")
        let three = firsts([1, 2, 7])
        for (found, wanted) in zip(three, [1000, 2000, 7000]) {
            #expect((wanted - 150...wanted + 150).contains(found), "\(three)")
        }
    }

    /// When the first is taken, the weights of those that are left decide in the same way.
    @Test func theRestIsOrderedByWeightToo() {
        var random = SeededRandom(2)
        var seconds = [0, 0]
        for _ in 0..<draws {
            let order = weightedOrder([1000, 3, 1], using: &random)
            if order[0] == 0 { seconds[order[1] - 1] += 1 }
        }
        let share = Double(seconds[0]) / Double(seconds[0] + seconds[1])
        #expect((0.735...0.765).contains(share), "\(seconds)")
    }

    @Test(arguments: [[], [5], [1, 1], [1000, 1, 1, 500], [3, 3, 3]]) func eachIndexComesOnce(weights: [Int]) {
        var random = SeededRandom(3)
        for _ in 0..<100 { #expect(weightedOrder(weights, using: &random).sorted() == Array(weights.indices)) }
    }
}
