import SessionctlKit
import SystemCalls
import Testing

@Suite("The unit of a process, by its control groups")
struct ServiceUnitTests {
  private func unit(_ text: String) -> ServiceUnit? { ServiceUnit(of: ControlGroups(parsing: text)) }

  @Test(
    "is the service that it is in",
    arguments: [
      "0::/system.slice/sessiond.service\n", "3:cpu:/x\n1:name=systemd:/system.slice/sessiond.service\n",
    ])
  func service(text: String) throws {
    let found = try #require(unit(text))
    #expect(found.name == "sessiond.service")
    #expect(!found.isOfUser)
  }

  @Test("is an instance, or a user's own service")
  func others() {
    let instance = unit("0::/system.slice/system-sessiond.slice/sessiond@shop.service\n")
    #expect(instance?.name == "sessiond@shop.service")
    let own = unit("0::/user.slice/user-1000.slice/user@1000.service/app.slice/sessiond.service\n")
    #expect(own?.name == "sessiond.service")
    #expect(own?.isOfUser == true)
  }

  @Test(
    "is none where there is none",
    arguments: [
      "", "0::/\n", "0::/user.slice/user-0.slice/session-1.scope\n", "nonsense", "2:memory:/a.service\n",
      "0::/user.slice/user-1000.slice/user@1000.service/init.scope\n",
    ])
  func none(text: String) {
    #expect(unit(text) == nil)
  }
}
