/// Everything that is wrong with a schedule file.
public struct ScheduleFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One mistake.
    public struct Problem: Sendable, Equatable {
        /// Counted from 1; nil if it is in no line, as for a file that can't be read.
        public let line: Int?
        /// The schedule that it belongs to, by its name in the file; nil if it belongs to none.
        public let schedule: String?
        /// What is wrong and what is allowed.
        public let message: String
    }

    /// The file's name without its folder.
    public let source: String
    /// In the order of their lines; at least one.
    public let problems: [Problem]

    /// One line for each problem: `schedules.yml:12: nightly-backup: The field 'overlap' is …`.
    public var description: String { problems.map { line(of: $0) }.joined(separator: "\n") }

    /// One of the problems, with the file's name.
    public func line(of problem: Problem) -> String {
        let place = problem.line.map { "\(source):\($0)" } ?? source
        return place + ": " + (problem.schedule.map { "\($0): " } ?? "") + problem.message
    }
}
