/// A cron expression in a zone.
///
/// Each span of the zone (a time with one offset) has a range of local minutes that it is responsible for. A minute that
/// lies before the span's first local time was skipped by the change, and ticks at the span's first instant.
struct ZonedSearch {
    let expression: CronExpression
    let zone: Zone
    let repeatedHour: RepeatedHour

    private static let minute = 60_000

    func next(after ms: Int) -> Int? {
        var index = zone.span(at: ms)
        var from = max(firstLocal(of: index), ms + zone.spans[index].offset + 1)
        while true {
            let span = zone.spans[index]
            // Rounded up to a minute.
            guard let found = expression.first(from: -((-from).dividedDown(by: Self.minute))) else { return nil }
            let local = found * Self.minute
            guard index + 1 < zone.spans.count, local - span.offset >= zone.spans[index + 1].start else {
                return max(span.start, local - span.offset)
            }
            index += 1
            from = firstLocal(of: index)
        }
    }

    /// The last tick that is not after this time.
    func last(to ms: Int) -> Int? {
        var to = ms
        var index = zone.span(at: ms)
        while true {
            let span = zone.spans[index]
            guard let found = expression.last(to: (to + span.offset).dividedDown(by: Self.minute)) else { return nil }
            let local = found * Self.minute
            if local >= firstLocal(of: index) { return max(span.start, local - span.offset) }
            guard index > 0 else { return nil }
            index -= 1
            to = span.start - 1
        }
    }

    /// Where the range of local times begins that a span is responsible for; it ends with the span's last instant.
    private func firstLocal(of index: Int) -> Int {
        let span = zone.spans[index]
        guard index > 0, !expression.followsClock else { return span.start + span.offset }
        let before = zone.spans[index - 1].offset
        // Set forward: also the skipped times. Set back: only times that were not there before, or all of them.
        return span.start + (repeatedHour == .twice ? min(before, span.offset) : before)
    }
}
