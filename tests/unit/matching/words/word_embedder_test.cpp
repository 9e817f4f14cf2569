// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/word_embedder.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

using namespace mapctl;
using mapctl::test::Approx;

namespace {

class Shipped {
 public:
  float alike(const std::string& left, const std::string& right) {
    const auto vectors = embed({left, right});
    float sum = 0;
    for (std::size_t i = 0; i < vectors[0].size(); ++i) {
      sum += vectors[0][i] * vectors[1][i];
    }
    return sum;
  }
  std::vector<std::vector<float>> embed(const std::vector<std::string>& texts,
                                        std::stop_token stop = {}) {
    return embedder_->embed(texts, std::move(stop));
  }

 private:
  std::unique_ptr<ports::Embedder> embedder_ =
      matching::make_word_embedder(mapctl::test::shipped_lexicon());
};

}  // namespace

TEST_CASE("names that mean the same are nearer than names that do not", "[matching][embedding]") {
  Shipped embedder;
  CHECK(embedder.alike("cust_no", "customerNumber") > embedder.alike("cust_no", "order_date"));
  CHECK(embedder.alike("EMail", "email_address") > embedder.alike("EMail", "postal_address"));
  CHECK(embedder.alike("email", "email") == Approx(1.0));
}

TEST_CASE("the table of a field counts, and less than the field", "[matching][embedding]") {
  Shipped embedder;
  const float same_table = embedder.alike("name | contacts", "name | contacts");
  const float other_table = embedder.alike("name | contacts", "name | products");
  const float other_field = embedder.alike("name | contacts", "amount | contacts");
  CHECK(same_table > other_table);
  CHECK(other_table > other_field);
}

TEST_CASE("a vector has length 1, or 0 when the text says nothing", "[matching][embedding]") {
  Shipped embedder;
  const auto vectors = embedder.embed({"AnnualRevenue__c | Account", "x", "größe"});
  for (const auto& vector : vectors) {
    REQUIRE(vector.size() == matching::word_embedding_dimensions);
    float square = 0;
    for (const float value : vector) {
      square += value * value;
    }
    CHECK(square == Approx(1.0).epsilon(1e-4));
  }
  const auto nothing = embedder.embed({"--"});
  for (const float value : nothing.at(0)) {
    CHECK(value == 0);
  }
}

TEST_CASE("the model is another one with another lexicon", "[matching][embedding]") {
  const TemporaryDirectory folder;
  const std::vector<std::filesystem::path> folders{folder.path()};
  const auto model = [&](std::string_view synonyms) {
    write_file_atomically(folder.path() / "synonyms.tsv", synonyms);
    return std::string{matching::make_word_embedder(matching::Lexicon::load(folders))->model()};
  };
  const auto first = model("vendor\tsupplier\n");
  CHECK(first.starts_with("mapctl-words-1."));
  CHECK(model("client\tcustomer\nvendor\tsupplier\n") != first);
  CHECK(model("vendor\tsupplier\n") == first);
}

TEST_CASE("embedding stops when it is told to", "[matching][embedding]") {
  std::stop_source stop;
  stop.request_stop();
  Shipped embedder;
  try {
    embedder.embed({"a"}, stop.get_token());
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::cancelled);
  }
}
