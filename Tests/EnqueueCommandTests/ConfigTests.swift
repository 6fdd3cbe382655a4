internal import Foundation
internal import TestSupport
internal import Testing

@Suite(.redis) struct ConfigTests {
    @Test func aSettingIsSetAndShown() async throws {
        let enqueue = EnqueueProgram()
        #expect(try await enqueue("config", "get", "ocr", "maxCrashes").output == "3\n")
        let set = try await enqueue("config", "set", "ocr", "retainMs", "2h")
        #expect(set.code == 0)
        #expect(set.output == "retainMs of ocr is 2h\n")
        #expect(try await enqueue("config", "get", "ocr", "retainMs").output == "7200000\n")
        #expect(
            try await enqueue("config", "set", "ocr", "retainBytes", "1GiB").output == "retainBytes of ocr is 1GiB\n")
        let number = try await enqueue("config", "set", "ocr", "maxCrashes", "7", "--json")
        #expect(try object(number.output)["maxCrashes"] as? Int == 7)
        let list = try await enqueue("config", "list", "ocr")
        #expect(list.output.contains("retainMs"))
        #expect(list.lines.count == 10)
        let json = try await enqueue("config", "list", "ocr", "--json")
        #expect(try object(json.output)["retainBytes"] as? Int == 1 << 30)
        #expect(json.output == number.output)
    }

    @Test(arguments: [
        (["set", "ocr", "maxCrashes", "0"], "The field 'maxCrashes' is '0'. Allowed: 1 to 1000."),
        (["set", "ocr", "maxCrashes", "1h"], "The field 'maxCrashes' is '1h'. Allowed: 1 to 1000."),
        (["set", "ocr", "retainMs", "1y"], "The field 'retainMs' is '1y'. Allowed: 0 to 315360000000 milliseconds."),
        (["set", "ocr", "nope", "1"], "There is no field 'nope'. Known: retainMs, "),
        (["get", "ocr", "nope"], "There is no field 'nope'. Known: retainMs, "),
        (["list", "Not A Queue"], "The field 'queue' is 'Not A Queue'."), (["lst", "ocr"], "'enqueue config list'?"),
    ])
    func itIsRefusedInTheWordsOfTheOtherDoors(_ arguments: [String], _ message: String) async throws {
        let ending = try await EnqueueProgram().run(["config"] + arguments)
        #expect(ending.code == 2)
        #expect(ending.errors.contains(message), "\(ending.errors)")
        #expect(ending.errors.split(separator: "\n").count == 1)
    }
}
