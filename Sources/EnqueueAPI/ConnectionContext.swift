internal import Foundation
internal import Hummingbird
internal import NIOCore

/// What a request's functions know about it, and the connection on which it came.
struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// A part of the path that the route names, decoded; empty if it has no such part.
    func part(_ name: String) -> String {
        let text = parameters.get(name) ?? ""
        return text.removingPercentEncoding ?? text
    }

    /// Closes the connection: an answer after this reaches nobody.
    func hangUp() async {
        try? await channel.close()
    }
}
