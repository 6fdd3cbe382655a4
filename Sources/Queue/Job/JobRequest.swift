/// What a producer needs to know about a job: its type's name, its arguments and its result.
///
/// The properties are the arguments. A worker's `Job` is a `JobRequest` that can also run, so producers can share the
/// description without linking the implementation.
/// ```swift
/// struct Greet: JobRequest {
///     static let type = "demo.greet"
///     typealias Output = String
///     var name: String
/// }
/// ```
public protocol JobRequest: Codable, Sendable {
    /// The type of the result: Codable, or Void for nothing.
    associatedtype Output: Sendable
    /// The name of the type, dotted lower case. Never reuse a name for other arguments.
    static var type: String { get }
    /// Increase it when older workers can no longer decode the arguments; they then leave such jobs to newer ones.
    static var version: Int { get }
}

extension JobRequest {
    /// 1, unless the type says otherwise.
    public static var version: Int { 1 }
}
