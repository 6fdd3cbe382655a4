internal import Foundation

/// An order of all indices into `weights`: each position goes to one of the remaining indices, with a probability
/// proportional to its weight.
///
/// - Parameter weights: each 1 or more.
///
/// Weighted sampling without replacement: Efraimidis and Spirakis, Inf. Process. Lett. 97 (2006).
func weightedOrder(_ weights: [Int], using random: inout some RandomNumberGenerator) -> [Int] {
    guard weights.count > 1 else { return Array(weights.indices) }
    return weights.enumerated()
        .map { (key: pow(Double.random(in: 0..<1, using: &random), 1 / Double($0.element)), index: $0.offset) }
        .sorted { $0.key > $1.key }.map(\.index)
}
