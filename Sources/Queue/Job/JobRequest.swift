/// What a producer needs to know of a job: its name, its arguments and what it will answer.
///
/// The properties are the arguments. A worker's `Job` is a `JobRequest` that can also run, so producers may share the
/// description without linking the work.
/// ```swift
/// struct Greet: JobRequest {
///     static let type = "demo.greet"
///     typealias Output = String
///     var name: String
/// }
/// ```
public protocol JobRequest: Codable, Sendable {
    /// What it answers: Codable, or Void for nothing.
    associatedtype Output: Sendable
    /// The name under which it is stored, dotted lower case. Never reuse one for other arguments.
    static var type: String { get }
    /// Raise it when older workers can't decode the arguments any more; they then leave such jobs to newer ones.
    static var version: Int { get }
}

extension JobRequest {
    /// 1, unless the type says otherwise.
    public static var version: Int { 1 }
}
