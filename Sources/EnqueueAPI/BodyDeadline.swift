internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// Ends a connection whose request is not complete some time after its head. Otherwise a client that sends a byte now
/// and then could hold it forever, even after a refusal. A client without an answer gets `slow_body`.
final class BodyDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private var timer: Scheduled<Void>?
    private var isAnswered = false

    init(_ limit: TimeAmount) { self.limit = limit }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            timer?.cancel()
            isAnswered = false
            timer = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { self.end(context) }
        case .end:
            timer?.cancel()
            timer = nil
        case .body: break
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .head(let head) = unwrapOutboundIn(data), head.status.kind != .informational { isAnswered = true }
        context.write(data, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    private func end(_ context: ChannelHandlerContext) {
        if !isAnswered {
            let problem = Problem.slowBody
            let body = ByteBuffer(bytes: problem.json)
            var head = HTTPResponse(status: problem.status, headerFields: problem.headers)
            head.headerFields[.contentType] = Problem.contentType
            head.headerFields[.contentLength] = "\(body.readableBytes)"
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(body)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        context.close(promise: nil)
    }
}
