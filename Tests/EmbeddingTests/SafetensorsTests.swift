import Foundation
import Testing

@testable import Embedding

@Suite struct SafetensorsTests {
    private func file(header: String, data: [UInt8], length: UInt64? = nil) -> Data {
        var bytes = Data()
        withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { bytes.append(contentsOf: $0) }
        return bytes + Data(header.utf8) + Data(data)
    }

    /// Every half float that is a number, as a matrix of one column: what the integer conversion must get right.
    @Test func convertsEveryFiniteHalfExactly() throws {
        let halves = (UInt16.min...UInt16.max).filter { Float16(bitPattern: $0).isFinite }
        let data = halves.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        let header = #"{"m":{"dtype":"F16","shape":[\#(halves.count),1],"data_offsets":[0,\#(data.count)]}}"#
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("all.safetensors")
            try file(header: header, data: data).write(to: url)
            let matrix = try Safetensors(mapping: url.path).matrix("m")
            let wrong = halves.indices.filter { row in
                matrix.sum(of: [UInt32(row)]) != [Float(Float16(bitPattern: halves[row]))]
            }
            #expect(wrong.isEmpty, "\(wrong.prefix(8).map { halves[$0] })")
        }
    }

    @Test func sumsRowsAsOftenAsNamed() throws {
        let header = #"{"__metadata__":{"format":"pt"},"m":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]}}"#
        let one: [UInt8] = [0x00, 0x3C]
        let two: [UInt8] = [0x00, 0x40]
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("two.safetensors")
            try file(header: header, data: one + two + two + two).write(to: url)
            let matrix = try Safetensors(mapping: url.path).matrix("m")
            #expect(matrix.sum(of: [0, 1, 0]) == [4, 6])
            #expect(matrix.sum(of: []) == [0, 0])
        }
    }

    @Test(arguments: [
        ("{}", UInt64?(1 << 40), "claims"),
        ("{}", UInt64?(7), "claims"),
        ("{", nil, "not JSON at byte 1"),
        ("[]", nil, "not a JSON object"),
        (#"{"m":{"dtype":"F16","shape":[2,2]}}"#, nil, "data_offsets"),
        (#"{"m":{"dtype":"F16","shape":[2,-2],"data_offsets":[0,4]}}"#, nil, "shape"),
        (#"{"m":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]}}"#, nil, "outside the file"),
        (#"{"m":{"dtype":"F16","shape":[2,2],"data_offsets":[4,0]}}"#, nil, "outside the file"),
        (#"{"m":{"dtype":"F16","shape":[1,1],"data_offsets":[0,4]}}"#, nil, "needs 2"),
        (#"{"m":{"dtype":"F16","shape":[9007199254740992,9007199254740992],"data_offsets":[0,4]}}"#, nil, "impossible"),
        (#"{"m":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}"#, nil, "not a matrix of half floats"),
        (#"{"n":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]}}"#, nil, "no tensor named m"),
    ])
    func refusesADamagedFile(header: String, length: UInt64?, reason: String) throws {
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("bad.safetensors")
            try file(header: header, data: [0, 0, 0, 0], length: length).write(to: url)
            let error = #expect(throws: EmbeddingError.self) { try Safetensors(mapping: url.path).matrix("m") }
            #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
        }
    }

    @Test func refusesAnEmptyFile() throws {
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("empty.safetensors")
            try Data().write(to: url)
            #expect(throws: EmbeddingError.self) { try Safetensors(mapping: url.path) }
        }
    }
}
