internal import Hummingbird
internal import NIOCore

/// What a request's functions know of it, and the connection on which it came.
struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Closes the connection: what is answered after it reaches nobody.
    func hangUp() async {
        try? await channel.close()
    }
}
