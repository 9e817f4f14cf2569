// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/client.hpp"
#include "core/base/base64.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/ports/http_client.hpp"
#include "tests/support/catch.hpp"

#include <cstdlib>
#include <fstream>
#include <string>

// Signatures are checked by the program openssl, which shares no code of ours.
namespace mapctl::test {
namespace {

using ports::SignatureAlgorithm;

const std::string text = "header.claims";

class Keys {
 public:
  bool run(const std::string& command) const {
    return std::system(
               ("cd '" + folder_.path().string() + "' && openssl " + command + " >/dev/null 2>&1")
                   .c_str()) == 0;
  }
  Secret read(const std::string& name) const {
    return Secret{read_file((folder_.path() / name).string())};
  }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream{folder_.path() / name, std::ios::binary} << bytes;
  }

 private:
  TemporaryDirectory folder_;
};

std::string sign(SignatureAlgorithm algorithm, const Secret& key) {
  return connectors::http::factory().sign(algorithm, key, text);
}

// The two numbers of a signature as openssl wants them.
std::string as_der(const std::string& pair) {
  const auto number = [](std::string bytes) {
    while (bytes.size() > 1 && bytes[0] == '\0') {
      bytes.erase(0, 1);
    }
    if ((static_cast<unsigned char>(bytes[0]) & 0x80U) != 0) {
      bytes.insert(0, 1, '\0');
    }
    return std::string{'\x02'} + static_cast<char>(bytes.size()) + bytes;
  };
  const std::string both = number(pair.substr(0, 32)) + number(pair.substr(32));
  return std::string{'\x30'} + static_cast<char>(both.size()) + both;
}

ErrorCode refused(SignatureAlgorithm algorithm, const Secret& key) {
  try {
    sign(algorithm, key);
  } catch (const Error& error) {
    CHECK(error.facts().hint != "");
    return error.code();
  }
  FAIL("it was signed");
  return ErrorCode::internal;
}

TEST_CASE("signatures of every algorithm are those that others expect", "[http]") {
  const Keys keys;
  keys.write("text", text);
  REQUIRE(keys.run("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa"));
  REQUIRE(keys.run("pkey -in rsa -pubout -out rsa.pub"));
  REQUIRE(keys.run("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec"));
  REQUIRE(keys.run("pkey -in ec -pubout -out ec.pub"));

  keys.write("rs", sign(SignatureAlgorithm::rs256, keys.read("rsa")));
  CHECK(keys.run("dgst -sha256 -verify rsa.pub -signature rs text"));
  keys.write("ps", sign(SignatureAlgorithm::ps256, keys.read("rsa")));
  CHECK(
      keys.run("dgst -sha256 -verify rsa.pub -sigopt rsa_padding_mode:pss "
               "-sigopt rsa_pss_saltlen:digest -signature ps text"));
  CHECK_FALSE(keys.run("dgst -sha256 -verify rsa.pub -signature ps text"));
  const std::string pair = sign(SignatureAlgorithm::es256, keys.read("ec"));
  REQUIRE(pair.size() == 64);
  keys.write("es", as_der(pair));
  CHECK(keys.run("dgst -sha256 -verify ec.pub -signature es text"));

  // A key of another kind, one that is too short, one behind a passphrase.
  CHECK(refused(SignatureAlgorithm::rs256, keys.read("ec")) == ErrorCode::configuration);
  CHECK(refused(SignatureAlgorithm::es256, keys.read("rsa")) == ErrorCode::configuration);
  REQUIRE(keys.run("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out short"));
  CHECK(refused(SignatureAlgorithm::rs256, keys.read("short")) == ErrorCode::configuration);
  REQUIRE(keys.run("pkey -in rsa -aes128 -passout pass:secret -out locked"));
  CHECK(refused(SignatureAlgorithm::rs256, keys.read("locked")) == ErrorCode::configuration);
  CHECK(refused(SignatureAlgorithm::rs256, Secret{}) == ErrorCode::configuration);
}

TEST_CASE("a signature with a shared secret is that of the standard", "[http]") {
  // RFC 4231, test case 2.
  const std::string made = connectors::http::factory().sign(
      SignatureAlgorithm::hs256, Secret{"Jefe"}, "what do ya want for nothing?");
  CHECK(base64_url(made) == "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM");
}

}  // namespace
}  // namespace mapctl::test
