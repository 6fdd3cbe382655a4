import Foundation
import Secrets
import Servers
import Testing

@Suite struct SecretTests {
    private struct Login {
        let user = "me"
        let password = Secret("hunter2")
    }

    @Test func itIsNeverShown() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(Login(), to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\(Login())", String(reflecting: Login()), dumped] {
            #expect(!text.contains("hunter2"))
        }
        #expect("\(secret)" == "***")
    }

    @Test(arguments: ["", "hunter", "hunter22", "Hunter2", "hunter3"])
    func anotherTextDoesNotMatch(text: String) {
        #expect(!Secret("hunter2").matches(text))
    }

    @Test func theRightTextMatches() {
        #expect(Secret("hunter2").matches("hunter2"))
        #expect(!Secret("").matches("hunter2"))
    }

    @Test(arguments: ["", "\n", "\r\n"]) func aFileLosesOneNewline(ending: String) throws {
        let path = try Scratch.directory() + "/secret"
        try Data("hunter2\(ending)".utf8).write(to: URL(filePath: path))
        #expect(try SecretFile.read(path) == "hunter2")
    }

    @Test(
        arguments: [([], "it is empty"), ([0x0A], "it is empty"), ([0xE9], "it is not UTF-8")] as [([UInt8], String)])
    func aFileThatHoldsNoSecretSaysWhy(bytes: [UInt8], reason: String) throws {
        let path = try Scratch.directory() + "/secret"
        try Data(bytes).write(to: URL(filePath: path))
        let error = #expect(throws: UnreadableSecret.self) { try SecretFile.read(path) }
        #expect(error?.reason == reason)
    }

    @Test func aFileThatIsTooLargeIsReadNoFurther() {
        let error = #expect(throws: UnreadableSecret.self) { try SecretFile.read("/dev/zero") }
        #expect(error?.reason == "it has more than 64 KiB")
    }
}
