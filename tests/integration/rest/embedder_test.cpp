// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/client.hpp"
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/jobs/http_embedder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/rest_server.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr auto key = "t0ken-of-the-tests";

RestServer& server() {
  static RestServer instance;
  return instance;
}

std::shared_ptr<ports::HttpClient> client() {
  ports::HttpSettings settings;
  settings.name = "embedder";
  settings.retry = {1, 0.01, 0.05, 20};
  return connectors::http::factory().client(settings);
}

std::unique_ptr<ports::Embedder> embedder(const std::string& path, const std::string& secret = key,
                                          std::size_t texts_a_request = 2) {
  return jobs::make_http_embedder(client(),
                                  {server().url(path), "letters", Secret{secret}, texts_a_request});
}

const std::vector<std::string> three{"a tree", "o", "queue"};

Error::Facts failure(ports::Embedder& with) {
  try {
    with.embed(three, {});
  } catch (const Error& error) {
    return error.facts();
  }
  FAIL("nothing was thrown");
  return {};
}

}  // namespace

TEST_CASE("vectors come in the order of the texts and have length 1", "[http][embedding]") {
  const auto vectors = embedder("/embeddings")->embed(three, {});
  REQUIRE(vectors.size() == 3);
  for (const auto& vector : vectors) {
    double square = 0;
    for (const float value : vector) {
      square += static_cast<double>(value) * static_cast<double>(value);
    }
    CHECK(square == Approx(1.0));
  }
  CHECK(vectors[1][3] > vectors[1][0]);  // "o"
  CHECK(vectors[2][4] > vectors[2][0]);  // "queue"
}

TEST_CASE("many texts are asked for a few at a time", "[http][embedding]") {
  ports::HttpRequest reset;
  reset.method = "POST";
  reset.url = server().url("/_reset");
  client()->send(reset, {}, {});
  embedder("/embeddings")->embed(three, {});
  ports::HttpRequest log;
  log.url = server().url("/_log");
  const Json requests = Json::parse(client()->send(log, {}, {}).body)["requests"];
  REQUIRE(requests.size() == 2);
  CHECK(Json::parse(requests[0]["body"].get<std::string>())["input"] == Json{"a tree", "o"});
  CHECK(Json::parse(requests[1]["body"].get<std::string>())["input"] == Json{"queue"});
}

TEST_CASE("answers that cannot be vectors of the texts are refused", "[http][embedding]") {
  for (const std::string fault : {"fewer", "twice", "outside", "ragged", "words", "huge", "list"}) {
    const auto broken = embedder("/embeddings/" + fault, key, 3);
    const Error::Facts facts = failure(*broken);
    INFO(fault << ": " << facts.message);
    CHECK(facts.code == ErrorCode::invalid_data);
    CHECK_THAT(facts.message, ContainsSubstring("gave no usable embeddings of model 'letters'"));
  }
  CHECK(failure(*embedder("/html")).code == ErrorCode::invalid_data);
}

TEST_CASE("a refused key is a denial that does not show the key", "[http][embedding]") {
  const auto refused = embedder("/embeddings", "another-k3y");
  const Error::Facts facts = failure(*refused);
  CHECK(facts.code == ErrorCode::denied);
  CHECK(facts.message.find("another-k3y") == std::string::npos);
  CHECK(facts.hint.find("another-k3y") == std::string::npos);
}

TEST_CASE("an embedder needs a host and a model", "[http][embedding]") {
  CHECK_THROWS_AS(jobs::make_http_embedder(client(), {"/embeddings", "letters", {}}), Error);
  CHECK_THROWS_AS(jobs::make_http_embedder(client(), {"http://localhost/e", "", {}}), Error);
}

}  // namespace mapctl::test
