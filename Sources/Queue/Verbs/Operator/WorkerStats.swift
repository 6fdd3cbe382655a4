/// One worker process, as it described itself with its last beat.
public struct WorkerStats: Sendable, Codable, Equatable {
    /// Its name: `<host>:<pid>:<random number>`; it gets another one after its lease has lapsed.
    public var id: String
    /// The host name. If the worker's description can't be read, this, `version` and `queues` are empty, and `pid`,
    /// `concurrency` and `rssBytes` are 0.
    public var host: String
    /// The process id, on its host.
    public var pid: Int
    /// The version of Packhorse in the worker.
    public var version: String
    /// The names of the queues that it serves.
    public var queues: [String]
    /// How many jobs it runs at once, 1 to 10,000.
    public var concurrency: Int
    /// Jobs that it has claims on, in all queues that were asked.
    public var running: Int
    /// Its resident memory in bytes; 0 if the system does not report it.
    public var rssBytes: Int
    /// ISO 8601.
    public var lastBeat: String
}
