/// One worker process, as it described itself at its last beat.
public struct WorkerStats: Sendable, Codable, Equatable {
    /// Its name: `<host>:<pid>:<random number>`, another one after its lease has lapsed.
    public var id: String
    /// The machine's name. Where what the worker said of itself can't be read, this, `version` and `queues` are empty,
    /// and `pid`, `concurrency` and `rssBytes` are 0.
    public var host: String
    /// Of its process, on its host.
    public var pid: Int
    /// Of Packhorse, in the worker.
    public var version: String
    /// The names of the queues that it serves.
    public var queues: [String]
    /// How many jobs it runs at once at most, 1 to 10,000.
    public var concurrency: Int
    /// Jobs that it holds claims on, over all its queues that were asked.
    public var running: Int
    /// Its resident memory in bytes; 0 if the system does not tell.
    public var rssBytes: Int
    /// ISO 8601.
    public var lastBeat: String
}
