/// The best few of many, in an ordered list: for limits of tens, not thousands.
struct Nearest {
    private(set) var found: [(row: Int64, score: Float)] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func offer(_ row: Int64, score: Float) {
        guard found.count < limit || score > (found.last?.score ?? -.infinity) else { return }
        let place = found.firstIndex { $0.score < score } ?? found.count
        found.insert((row, score), at: place)
        if found.count > limit { found.removeLast() }
    }
}
