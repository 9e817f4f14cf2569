// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/client.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/ports/http_client.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/rest_server.hpp"

#include <cstdlib>
#include <memory>
#include <string>

namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;

// An authority of our own, and certificates that it signed.
class Authority {
 public:
  Authority() {
    run("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj '/CN=Own CA'");
  }
  void sign(const std::string& name, const std::string& subject, bool expired = false) const {
    run("req -newkey rsa:2048 -nodes -keyout " + name + ".key -out " + name +
        ".csr -subj /CN=server -addext subjectAltName=" + subject);
    // `openssl x509` signs from now on only; `openssl ca` takes both ends.
    const std::string until = expired ? "20210101000000Z" : "20490101000000Z";
    const int made = std::system(
        ("cd '" + path("") +
         "' && : > index.txt && echo 01 > serial && printf '[ca]\\ndefault_ca=d\\n[d]\\n"
         "database=index.txt\\nserial=serial\\nnew_certs_dir=.\\ndefault_md=sha256\\n"
         "policy=p\\ncopy_extensions=copy\\n[p]\\ncommonName=supplied\\n' > ca.cnf")
            .c_str());
    REQUIRE(made == 0);
    run("ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -in " + name + ".csr -out " + name +
        ".pem -notext -startdate 20200101000000Z -enddate " + until);
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  RestServer serve(const std::string& name) const {
    return RestServer{{"--tls", path(name + ".pem"), path(name + ".key")}};
  }

 private:
  void run(const std::string& command) const {
    const std::string line =
        "cd '" + folder_.path().string() + "' && openssl " + command + " >/dev/null 2>&1";
    INFO(command);
    REQUIRE(std::system(line.c_str()) == 0);
  }
  TemporaryDirectory folder_;
};

Error::Facts facts_of_get(const RestServer& server, const std::string& ca_file) {
  ports::HttpSettings settings;
  settings.name = "tls-" + server.port();
  settings.ca_file = ca_file;
  settings.hints = {"base_url", true, true};
  settings.retry.attempts = 2;
  settings.retry.backoff = 0.01;
  ports::HttpRequest request;
  request.url = "https://127.0.0.1:" + server.port() + "/pages?token=s3cret";
  try {
    const auto response = connectors::http::factory().client(settings)->send(request, {}, {});
    CHECK(response.status == 200);
    return {};
  } catch (const Error& error) {
    CHECK(std::string{error.what()}.find("s3cret") == std::string::npos);
    return error.facts();
  }
}

TEST_CASE("certificates are verified: own authorities only when they are named", "[http]") {
  Authority authority;
  authority.sign("good", "IP:127.0.0.1");
  const RestServer server = authority.serve("good");
  CHECK(facts_of_get(server, authority.path("ca.pem")).message == "");
  const auto facts = facts_of_get(server, "");
  CHECK(facts.code == ErrorCode::denied);
  CHECK_THAT(facts.message, ContainsSubstring("is not trusted"));
  CHECK_THAT(facts.hint, ContainsSubstring("ca_file"));
}

TEST_CASE("a certificate of another host is refused with a hint", "[http]") {
  Authority authority;
  authority.sign("other", "DNS:crm.example.org");
  const auto facts = facts_of_get(authority.serve("other"), authority.path("ca.pem"));
  CHECK(facts.code == ErrorCode::denied);
  CHECK_THAT(facts.message, ContainsSubstring("'127.0.0.1'"));
  CHECK_THAT(facts.hint, ContainsSubstring("base_url"));
}

TEST_CASE("a certificate that has expired is refused with a hint", "[http]") {
  Authority authority;
  authority.sign("old", "IP:127.0.0.1", true);
  const auto facts = facts_of_get(authority.serve("old"), authority.path("ca.pem"));
  CHECK(facts.code == ErrorCode::denied);
  CHECK_THAT(facts.message, ContainsSubstring("expired"));
  CHECK_THAT(facts.hint, ContainsSubstring("renew"));
}

TEST_CASE("a port that speaks no TLS is not taken for one that does", "[http]") {
  const RestServer plain;
  const auto facts = facts_of_get(plain, "");
  CHECK(facts.code == ErrorCode::unreachable);
  CHECK_THAT(facts.hint, ContainsSubstring("TLS"));
}

}  // namespace
}  // namespace mapctl::test
