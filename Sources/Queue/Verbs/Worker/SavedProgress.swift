/// Something to store about a running job.
package enum SavedProgress: Sendable {
    /// JSON `{"done","of","note"}`; replaces the previous one.
    case progress([UInt8])
    /// The result of a finished step.
    case step(name: String, result: Payload)
}
