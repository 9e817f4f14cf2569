// SPDX-License-Identifier: Apache-2.0
#include "connectors/mongodb/errors.hpp"
#include "connectors/mongodb/handle.hpp"
#include "tests/integration/mongodb/server.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <stop_token>
#include <thread>

// What goes wrong between mapctl and MongoDB, played by a simulation.
namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;

std::string numbers(int count) {
  std::string documents;
  for (int i = 0; i < count; ++i) {
    documents += fmt::format(R"({}{{"_id": {}}})", i == 0 ? "" : ",", i);
  }
  return documents;
}

std::size_t rows_before_failure(ports::RowReader& reader, Error::Facts& facts) {
  std::vector<std::optional<std::string_view>> row;
  std::size_t rows = 0;
  facts = facts_of([&] {
    while (reader.next(row)) {
      ++rows;
    }
  });
  return rows;
}

ports::ConnectorOptions signed_in(const std::string& address, const std::string& password) {
  auto made = mongo_options(address);
  made.secrets.emplace("username", Secret{"ana,=b"});
  made.secrets.emplace("password", Secret{password});
  return made;
}

// A port of 127.0.0.1 that takes connections.
class Listener {
 public:
  Listener() : descriptor_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(descriptor_, any, size) == 0);
    REQUIRE(::listen(descriptor_, 16) == 0);
    REQUIRE(::getsockname(descriptor_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { ::close(descriptor_); }
  std::string address() const { return fmt::format("127.0.0.1:{}", port_); }

 private:
  int descriptor_;
  int port_ = 0;
};

// One certificate for `name` and its key, in one file, and the certificate alone.
class Certificate {
 public:
  explicit Certificate(const std::string& name) {
    const std::string line = fmt::format(
        "cd '{}' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
        "-days 2 -subj /CN=x -addext subjectAltName={} -keyout key.pem -out ca.pem 2>/dev/null && "
        "cat key.pem ca.pem > both.pem",
        folder_.path().string(), name);
    REQUIRE(std::system(line.c_str()) == 0);
  }
  std::string path(const char* file) const { return (folder_.path() / file).string(); }

 private:
  TemporaryDirectory folder_;
};

TEST_CASE("a connection cut inside a document is an error that may be tried again", "[mongodb]") {
  const MongoServer server{R"({"cut": {"cut": "getMore", "documents": [)" + numbers(250) + "]}}"};
  auto connector = open_mongo(mongo_options(server.address(), {{"sample_documents", "10"}}));
  auto reader = connector->open_reader(in_shop("cut"), {});
  Error::Facts facts;
  CHECK(rows_before_failure(*reader, facts) == 101);
  CHECK(facts.code == ErrorCode::unreachable);
  CHECK(facts.retry == Retry::may_help);
  CHECK_THAT(facts.message, ContainsSubstring("collection 'shop.cut'"));
  CHECK_FALSE(facts.hint.empty());
}

TEST_CASE("a server that goes away while it is looked at ends the discovery", "[mongodb]") {
  const MongoServer server{
      R"({"a": {"documents": [{"_id": 1}]}, "b": {"cut": "aggregate", "documents": [{"_id": 1}]}})"};
  const auto facts =
      facts_of([&] { open_mongo(mongo_options(server.address()))->discover({}, {}); });
  CHECK(facts.code == ErrorCode::unreachable);
  CHECK_THAT(facts.message, ContainsSubstring("collection 'shop.b'"));
}

TEST_CASE("a server that never answers is given up at the limit of the profile", "[mongodb]") {
  const MongoServer server{R"({"a": {"silent": "find", "documents": [{"_id": 1}]}})"};
  auto options = mongo_options(server.address());
  options.limits.timeout = 1;
  auto connector = open_mongo(options);
  const auto facts = facts_of([&] {
    std::vector<std::optional<std::string_view>> row;
    connector->open_reader(in_shop("a"), {})->next(row);
  });
  CHECK(facts.code == ErrorCode::unreachable);
  CHECK(facts.retry == Retry::may_help);
}

TEST_CASE("a password with every special character signs in, and a wrong one is never shown",
          "[mongodb]") {
  const std::string password = R"(p !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~ s3cret)";
  const MongoServer server{shop(), {"--user", "ana,=b:" + password}};
  CHECK(open_mongo(signed_in(server.address(), password))->discover({}, {}).tables().size() == 5);
  const std::string wrong = "wr0ng" + password;
  const auto facts =
      facts_of([&] { open_mongo(signed_in(server.address(), wrong))->discover({}, {}); });
  CHECK(facts.code == ErrorCode::denied);
  CHECK_THAT(facts.hint, ContainsSubstring("username and password"));
  CHECK((facts.message + facts.hint).find("wr0ng") == std::string::npos);
  // Without any, the server says what it wants.
  CHECK(facts_of([&] {
          open_mongo(mongo_options(server.address(), {{"databases", "shop"}}))->discover({}, {});
        }).code == ErrorCode::denied);
}

TEST_CASE("a password never stands in an address, nor do switched off checks", "[mongodb]") {
  for (const char* url :
       {"mongodb://ana:s3cret@localhost/", "mongodb://localhost/?tls=true&tlsInsecure=true",
        "mongodb://localhost/?ssl=true&sslAllowInvalidCertificates=true",
        "mongodb://localhost/?tls=true&tlsAllowInvalidHostnames=true",
        "mongodb://localhost/?authMechanism=PLAIN", "http://ana:s3cret@localhost/", ""}) {
    INFO(url);
    auto options = mongo_options("");
    options.options["url"] = url;
    options.secrets.emplace("username", Secret{"ana"});
    const auto facts = facts_of([&] { open_mongo(options); });
    CHECK(facts.code == ErrorCode::configuration);
    CHECK_THAT(facts.message, ContainsSubstring("option 'url'"));
    CHECK((facts.message + facts.hint).find("s3cret") == std::string::npos);
  }
}

TEST_CASE("TLS is verified: own authorities are trusted, others and other names are not",
          "[mongodb]") {
  const Certificate good{"IP:127.0.0.1"};
  const Certificate other{"DNS:db.example"};
  const MongoServer server{shop(), {"--tls", good.path("both.pem")}};
  const auto discover = [&](const std::string& address, const std::string& ca_file) {
    auto options = mongo_options(address);
    if (!ca_file.empty()) {
      options.options["ca_file"] = ca_file;
    }
    return open_mongo(options)->discover({}, {});
  };
  CHECK(discover(server.address(), good.path("ca.pem")).tables().size() == 5);

  const auto foreign = facts_of([&] { discover(server.address(), other.path("ca.pem")); });
  CHECK(foreign.code == ErrorCode::unreachable);
  CHECK(foreign.retry == Retry::never);
  CHECK_THAT(foreign.hint, ContainsSubstring("'ca_file'"));

  const MongoServer misnamed{shop(), {"--tls", other.path("both.pem")}};
  const auto name = facts_of([&] { discover(misnamed.address(), other.path("ca.pem")); });
  CHECK(name.code == ErrorCode::unreachable);
  CHECK(name.retry == Retry::never);

  const MongoServer plain{shop()};
  const auto refused = facts_of([&] { discover(plain.address(), good.path("ca.pem")); });
  CHECK(refused.code == ErrorCode::unreachable);
  INFO(refused.message);
  CHECK_THAT(refused.hint, ContainsSubstring("TLS"));

  const auto wanted = facts_of([&] { discover(server.address(), ""); });
  CHECK(wanted.code == ErrorCode::unreachable);
  CHECK_THAT(wanted.hint, ContainsSubstring("TLS"));
}

TEST_CASE("hosts that are unknown and ports where nothing listens are told apart", "[mongodb]") {
  const auto facts_at = [](const std::string& address) {
    auto options = signed_in(address, "s3cret");
    options.limits.timeout = 5;
    auto facts = facts_of([&] { open_mongo(options)->discover({}, {}); });
    CHECK(facts.code == ErrorCode::unreachable);
    CHECK((facts.message + facts.hint).find("s3cret") == std::string::npos);
    return facts;
  };
  CHECK(facts_at("nowhere.invalid:27017").hint == "check the host in option 'url'");
  CHECK_THAT(facts_at("127.0.0.1:1").hint, ContainsSubstring("that the server is up"));
}

TEST_CASE("a replica set is reached by one of its members, under its own name only", "[mongodb]") {
  const MongoServer server{shop(), {"--replica-set", "rs0", "--member", "127.0.0.1:1"}};
  const auto tables = [&](const std::string& address, const std::string& name) {
    auto options = mongo_options(address);
    options.limits.timeout = 10;
    if (!name.empty()) {
      options.options["replica_set"] = name;
    }
    return open_mongo(options)->discover({}, {}).tables().size();
  };
  CHECK(tables(server.address(), "rs0") == 5);
  CHECK(tables("127.0.0.1:1," + server.address(), "rs0") == 5);
  CHECK(tables(server.address() + "/?replicaSet=rs0", "") == 5);
  CHECK(tables(server.address(), "") == 5);  // the one host by itself
  for (const std::string& address : {server.address() + "/?replicaSet=other", server.address()}) {
    const auto facts =
        facts_of([&] { tables(address, address.find('?') == std::string::npos ? "other" : ""); });
    CHECK(facts.code == ErrorCode::unreachable);
    CHECK_THAT(facts.message, ContainsSubstring("replica set 'other'"));
    CHECK_THAT(facts.hint, ContainsSubstring("rs.conf()._id"));
  }
  const auto down = facts_of([&] { tables("127.0.0.1:1", "rs0"); });
  CHECK_THAT(down.message, ContainsSubstring("'127.0.0.1:1'") && ContainsSubstring("'rs0'"));
  CHECK_THAT(down.hint, ContainsSubstring("that the server is up"));
  // A host that is no member of any.
  const MongoServer alone{shop()};
  CHECK_THAT(facts_of([&] { tables(alone.address(), "rs0"); }).message,
             ContainsSubstring("replica set 'rs0'"));
}

TEST_CASE("a name whose hosts cannot be looked up is named", "[mongodb]") {
  auto options = mongo_options("");
  options.options["url"] = "mongodb+srv://cluster0.nowhere.invalid";
  options.limits.timeout = 5;
  const auto facts = facts_of([&] { open_mongo(options)->discover({}, {}); });
  CHECK(facts.code == ErrorCode::unreachable);
  CHECK_THAT(facts.message, ContainsSubstring("cluster0.nowhere.invalid"));
  CHECK_THAT(facts.hint, ContainsSubstring("the name in option 'url'"));
  for (const char* url : {"mongodb+srv://a.example.com,b.example.com",
                          "mongodb+srv://a.example.com:27017", "mongodb+srv://localhost"}) {
    INFO(url);
    options.options["url"] = url;
    CHECK(facts_of([&] { open_mongo(options); }).code == ErrorCode::configuration);
  }
}

TEST_CASE("a stop ends the wait for a server that says nothing", "[mongodb]") {
  const MongoServer server{R"({"a": {"silent": "find", "documents": [{"_id": 1}]},
                               "b": {"silent": "aggregate", "documents": [{"_id": 1}]}})"};
  const Listener mute;  // takes connections, and says nothing to anybody
  const auto stopped = [](const std::string& address, auto work) {
    auto options = mongo_options(address);
    options.limits.timeout = 600;
    std::stop_source stop;
    const auto begin = std::chrono::steady_clock::now();
    std::jthread after{[&] {
      std::this_thread::sleep_for(std::chrono::milliseconds{300});
      stop.request_stop();
    }};
    const auto facts = facts_of([&] { work(*open_mongo(options), stop.get_token()); });
    CHECK(facts.code == ErrorCode::cancelled);
    return std::chrono::steady_clock::now() - begin;
  };
  const auto limit = std::chrono::seconds{60};  // a tenth of what the profile allows
  const auto read = [](ports::Connector& connector, std::stop_token stop) {
    std::vector<std::optional<std::string_view>> row;
    connector.open_reader(in_shop("a"), stop)->next(row);
  };
  const auto discover = [](ports::Connector& connector, std::stop_token stop) {
    connector.discover({}, stop);
  };
  CHECK(stopped(server.address(), read) < limit);
  CHECK(stopped(server.address(), discover) < limit);
  CHECK(stopped(mute.address(), discover) < limit);
  CHECK(stopped(mute.address(), [](ports::Connector& connector, std::stop_token stop) {
          connector.test(stop);
        }) < limit);
}

TEST_CASE("what one collection refuses leaves the others", "[mongodb]") {
  const MongoServer server{R"({
    "broken": {"type": "view", "fail": {"code": 40234, "errmsg": "the pipeline is wrong"},
               "documents": []},
    "damaged": {"documents": [{"_id": 1, "name": {"$badText": "ff41"}}]},
    "closed": {"denied": true, "documents": [{"_id": 1}]},
    "fine": {"documents": [{"_id": 1}]}})"};
  auto connector = open_mongo(mongo_options(server.address()));
  const auto found = connector->discover({}, {});
  REQUIRE(found.tables().size() == 1);
  CHECK(found.tables()[0].table->name.text == "fine");
  REQUIRE(found.warnings.size() == 3);
  CHECK(found.warnings[0].object == "collection 'shop.broken'");
  CHECK_THAT(found.warnings[0].message, ContainsSubstring("the pipeline is wrong"));
  CHECK(found.warnings[1].object == "collection 'shop.closed'");
  CHECK_THAT(found.warnings[1].hint, ContainsSubstring("role 'read'"));
  CHECK(found.warnings[2].object == "collection 'shop.damaged'");
  CHECK_THAT(found.warnings[2].hint, ContainsSubstring("UTF-8"));
  // The only one asked for is an error.
  ports::DiscoveryScope scope;
  scope.tables = catalog::NamePattern{"closed"};
  CHECK(facts_of([&] { connector->discover(scope, {}); }).code == ErrorCode::denied);
  const auto facts = facts_of([&] { connector->open_reader(in_shop("fien"), {}); });
  CHECK(facts.code == ErrorCode::not_found);
  CHECK(facts.hint == "did you mean 'fine'?");
}

TEST_CASE("a user who may list nothing reads what the profile names, and learns of the grant",
          "[mongodb]") {
  const MongoServer server{R"({"closed": {"denied": true, "documents": [{"_id": 1}]},
                              "own": {"documents": [{"_id": 1}]}})",
                           {"--no-list"}};
  CHECK(facts_of([&] { open_mongo(mongo_options(server.address()))->discover({}, {}); }).code ==
        ErrorCode::denied);
  auto connector = open_mongo(mongo_options(server.address(), {{"databases", "shop"}}));
  const auto found = connector->discover({}, {});
  REQUIRE(found.tables().size() == 1);
  CHECK(found.tables()[0].table->name.text == "own");
  REQUIRE(found.warnings.size() == 1);
  CHECK_THAT(found.warnings[0].hint,
             ContainsSubstring("grantRolesToUser(USER, [{role: 'read', db: 'shop'}])"));
  CHECK(connector->test({}).missing_privileges.size() == 1);
}

TEST_CASE("what a server refuses is said in our terms", "[mongodb]") {
  using connectors::mongodb::native_error;
  const auto code = [](std::uint32_t domain, std::uint32_t number) {
    const Error error = native_error(domain, number, "why\nnot", "collection 'a.b'");
    CHECK_FALSE(error.facts().hint.empty());
    CHECK(std::string{error.what()} == "collection 'a.b': why not");
    return error.code();
  };
  CHECK(code(MONGOC_ERROR_SERVER, 13) == ErrorCode::denied);
  CHECK(code(MONGOC_ERROR_SERVER, 18) == ErrorCode::denied);
  CHECK(code(MONGOC_ERROR_SERVER, 26) == ErrorCode::not_found);
  CHECK(code(MONGOC_ERROR_SERVER, 43) == ErrorCode::unreachable);
  CHECK(code(MONGOC_ERROR_SERVER, 50) == ErrorCode::resource_limit);
  CHECK(code(MONGOC_ERROR_SERVER, 40324) == ErrorCode::invalid_data);
  CHECK(code(MONGOC_ERROR_CLIENT, MONGOC_ERROR_CLIENT_AUTHENTICATE) == ErrorCode::denied);
  CHECK(code(MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET) == ErrorCode::unreachable);
}

}  // namespace
}  // namespace mapctl::test
