/// Finds sentences by their punctuation, in any script that uses a full stop of some kind.
///
/// A sentence ends after `.`, `!`, `?` or `…` (and closing quotes or brackets) if white space follows and the next word
/// does not start in lower case ("approx. two miles" continues); after the full stops of scripts without spaces; and at
/// a blank line.
enum SentenceSplitter {
    /// - Returns: the sentences in order, without white space at their ends; none is empty.
    static func sentences(in text: [Unicode.Scalar], range: Range<Int>) -> [Range<Int>] {
        var sentences: [Range<Int>] = []
        var start = range.lowerBound
        var place = start
        while place < range.upperBound {
            let end = endOfSentence(at: place, in: text, before: range.upperBound)
            if let end {
                sentences.append(start..<end)
                start = end
            }
            place = max(place + 1, end ?? 0)
        }
        sentences.append(start..<range.upperBound)
        return sentences.map { Chunker.trimmed($0, in: text) }.filter { !$0.isEmpty }
    }

    private static let stops: Set<Unicode.Scalar> = [".", "!", "?", "…", "؟", "۔", "।", "՞", "։"]
    private static let stopsWithoutSpace: Set<Unicode.Scalar> = ["。", "！", "？", "｡"]
    private static let closers: Set<Unicode.Scalar> = ["\"", "'", ")", "]", "»", "”", "’", "」", "』", "）"]

    /// The end of the sentence whose last mark is here; nil if none ends here.
    private static func endOfSentence(at place: Int, in text: [Unicode.Scalar], before limit: Int) -> Int? {
        let scalar = text[place]
        if scalar == "\n" {
            var next = place + 1
            while next < limit, text[next] != "\n", text[next].properties.isWhitespace { next += 1 }
            return next < limit && text[next] == "\n" ? next + 1 : nil
        }
        guard stops.contains(scalar) || stopsWithoutSpace.contains(scalar) else { return nil }
        var end = place + 1
        while end < limit,
            closers.contains(text[end]) || stops.contains(text[end]) || stopsWithoutSpace.contains(text[end])
        {
            end += 1
        }
        if stopsWithoutSpace.contains(scalar) { return end }
        guard end < limit, text[end].properties.isWhitespace else { return nil }
        var next = end
        while next < limit, text[next].properties.isWhitespace { next += 1 }
        return next < limit && text[next].properties.isLowercase ? nil : end
    }
}
