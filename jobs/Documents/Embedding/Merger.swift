/// The working memory of byte pair encoding: tokens that are merged in place until no rule applies.
///
/// The rule with the smallest rank is applied first, at its leftmost place first: the order in which the vocabulary was
/// learnt (Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units", ACL 2016).
struct Merger {
    private var tokens: [UInt32] = []
    /// The rank at which a token merges with the next one; `.max` for never.
    private var ranks: [UInt32] = []
    private var results: [UInt32] = []

    /// Above this many tokens, a heap finds the next merge: n log n for a word of a million letters, where a search
    /// through all ranks is n². Below it, the search is faster.
    static let longestSearch = 48

    mutating func removeAll() { tokens.removeAll(keepingCapacity: true) }

    mutating func append(_ token: UInt32) { tokens.append(token) }

    func appendTokens(to ids: inout [UInt32]) { ids.append(contentsOf: tokens) }

    mutating func merge(by rules: MergeTable) {
        if tokens.count <= Self.longestSearch {
            mergeBySearch(rules)
        } else {
            mergeByHeap(rules)
        }
    }

    mutating func mergeBySearch(_ rules: MergeTable) {
        guard tokens.count > 1 else { return }
        ranks.removeAll(keepingCapacity: true)
        results.removeAll(keepingCapacity: true)
        for place in 0..<tokens.count {
            ranks.append(.max)
            results.append(0)
            rank(at: place, by: rules)
        }
        while true {
            var best = 0
            for place in 1..<ranks.count where ranks[place] < ranks[best] { best = place }
            guard ranks[best] != .max else { return }
            tokens[best] = results[best]
            tokens.remove(at: best &+ 1)
            ranks.remove(at: best &+ 1)
            results.remove(at: best &+ 1)
            rank(at: best, by: rules)
            if best > 0 { rank(at: best &- 1, by: rules) }
            guard tokens.count > 1 else { return }
        }
    }

    private mutating func rank(at place: Int, by rules: MergeTable) {
        if place &+ 1 < tokens.count, let merge = rules[tokens[place], tokens[place &+ 1]] {
            ranks[place] = merge.rank
            results[place] = merge.result
        } else {
            ranks[place] = .max
        }
    }

    mutating func mergeByHeap(_ rules: MergeTable) {
        let count = tokens.count
        guard count > 1 else { return }
        var next = Array(1...count)
        var previous = Array(-1..<count - 1)
        var gone = [Bool](repeating: false, count: count)
        var heap = MinHeap()

        func consider(_ place: Int) {
            guard place >= 0, next[place] < count, let merge = rules[tokens[place], tokens[next[place]]] else { return }
            heap.insert(UInt64(merge.rank) << 32 | UInt64(place))
        }
        for place in 0..<count { consider(place) }

        while let smallest = heap.removeSmallest() {
            let place = Int(smallest & 0xFFFF_FFFF)
            // Either token may have been merged elsewhere since this was added.
            guard !gone[place], next[place] < count, let merge = rules[tokens[place], tokens[next[place]]],
                UInt64(merge.rank) == smallest >> 32
            else { continue }
            let eaten = next[place]
            tokens[place] = merge.result
            gone[eaten] = true
            next[place] = next[eaten]
            if next[eaten] < count { previous[next[eaten]] = place }
            consider(place)
            consider(previous[place])
        }

        var kept = 0
        for place in 0..<count where !gone[place] {
            tokens[kept] = tokens[place]
            kept += 1
        }
        tokens.removeSubrange(kept...)
    }
}

/// A binary heap of numbers.
private struct MinHeap {
    private var values: [UInt64] = []

    mutating func insert(_ value: UInt64) {
        var place = values.count
        values.append(value)
        while place > 0, case let parent = (place - 1) / 2, values[parent] > value {
            values[place] = values[parent]
            place = parent
        }
        values[place] = value
    }

    mutating func removeSmallest() -> UInt64? {
        guard let smallest = values.first, let moved = values.popLast() else { return nil }
        guard !values.isEmpty else { return smallest }
        var place = 0
        while case var child = 2 * place + 1, child < values.count {
            if child + 1 < values.count, values[child + 1] < values[child] { child += 1 }
            guard values[child] < moved else { break }
            values[place] = values[child]
            place = child
        }
        values[place] = moved
        return smallest
    }
}
