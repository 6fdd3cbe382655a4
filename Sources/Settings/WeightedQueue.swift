public import Queue

/// A queue and how often a worker checks it first, relative to its other queues.
public struct WeightedQueue: Sendable, Equatable, CustomStringConvertible {
    /// The name of the queue; each name occurs once in a list.
    public let name: QueueName
    /// 1 to 1,000.
    public let weight: Int

    public var description: String { "\(name):\(weight)" }

    /// Reads `ocr:2,default:1`; the default weight is 1.
    static func list(_ text: String) throws(Refusal) -> [WeightedQueue] {
        var queues: [WeightedQueue] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
            guard (1...2).contains(pieces.count), let weight = pieces.count == 2 ? Int(pieces[1]) : 1,
                (1...1000).contains(weight), let name = try? QueueName(String(pieces[0])),
                !queues.contains(where: { $0.name == name })
            else { throw Refusal() }
            queues.append(WeightedQueue(name: name, weight: weight))
        }
        return queues
    }
}
