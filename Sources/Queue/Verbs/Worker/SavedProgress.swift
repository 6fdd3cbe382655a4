/// Something to keep about a running job.
package enum SavedProgress: Sendable {
    /// JSON `{"done","of","note"}`; replaces the last one.
    case progress([UInt8])
    /// The result of a finished step.
    case step(name: String, result: Payload)
}
