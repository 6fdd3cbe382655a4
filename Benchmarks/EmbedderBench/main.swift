import Embedding
import Foundation

// EmbedderBench MODEL_DIR CORPUS PEER_RATE…
// One thread embeds the corpus, one chunk per line, seven times; prints the figure `embed_chunks_per_cpu_second`.
// PEER_RATE: the rate of the Python package on the same corpus in the same run. scripts/bench-embedder.sh runs it.

guard CommandLine.arguments.count > 3 else {
    FileHandle.standardError.write(Data("usage: EmbedderBench MODEL_DIR CORPUS PEER_RATE…\n".utf8))
    exit(2)
}
let embedder = try WordEmbedder(directory: CommandLine.arguments[1])
let chunks = try String(contentsOfFile: CommandLine.arguments[2], encoding: .utf8).split(separator: "\n").map(
    String.init)
let peer = median(CommandLine.arguments.dropFirst(3).compactMap(Double.init))
let tokens = chunks.reduce(0) { $0 + embedder.tokenCount($1) }

var checksum: Float = 0
let rates = (0..<7).map { _ in
    let start = processSeconds()
    for chunk in chunks { checksum += embedder.embed(chunk)[0] }
    return Double(chunks.count) / (processSeconds() - start)
}
guard checksum.isFinite else { exit(1) }

let value = median(rates)
let figure: [String: Any] = [
    "figure": "embed_chunks_per_cpu_second", "value": Int(value), "unit": "chunks of 100 words/CPU s",
    "wanted": "> 7700 and faster than the Python package", "ok": value > 7_700 && value > peer,
    "beside": ["wordllama_python": Int(peer), "tokens_per_chunk": tokens / max(1, chunks.count)],
    "spread": [Int(rates.min() ?? 0), Int(rates.max() ?? 0)], "runs": rates.count,
    "command": "scripts/bench-embedder.sh",
]
let line = try JSONSerialization.data(withJSONObject: figure, options: [.sortedKeys, .withoutEscapingSlashes])
print(String(decoding: line, as: UTF8.self))

func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
}

/// CPU time of this process in seconds: other processes on the machine do not count.
func processSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
