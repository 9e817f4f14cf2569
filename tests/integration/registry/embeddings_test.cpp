// SPDX-License-Identifier: Apache-2.0
#include "core/registry/embeddings.hpp"

#include "tests/integration/registry/fixture.hpp"

#include <algorithm>

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;

namespace {

// One dimension a first letter: near is what begins alike.
class LetterEmbedder final : public ports::Embedder {
 public:
  explicit LetterEmbedder(std::string model = "letters") : model_{std::move(model)} {}
  std::string_view model() const override { return model_; }
  std::vector<std::vector<float>> embed(std::span<const std::string> texts,
                                        std::stop_token) override {
    if (fails) {
      throw Error{ErrorCode::unreachable, "the service is down"};
    }
    std::vector<std::vector<float>> vectors;
    for (const std::string& text : texts) {
      std::vector<float> vector(26, 0.0F);
      vector[static_cast<std::size_t>((text.front() | 0x20) - 'a')] = 1;
      vectors.push_back(std::move(vector));
      asked.push_back(text);
    }
    return vectors;
  }
  std::vector<std::string> asked{};
  bool fails = false;

 private:
  std::string model_;
};

void store_lead(RegistryFile& file, const std::string& tenant = "default") {
  Registry registry = file.open(tenant);
  const RunId run = registry.begin_run({"batch", "", ""});
  registry.store_pair(run, job(0), lead_to_account(), canonical_context());
}

}  // namespace

TEST_CASE("the nearest mappings come first, with the text they were made of", "[registry]") {
  RegistryFile file;
  store_lead(file);
  Registry registry = file.open();
  LetterEmbedder embedder;
  const auto found = Embeddings{registry}.similar(embedder, "cmpny", 5, {});
  REQUIRE(found.size() == 2);
  CHECK(found[0].mapping.key.source_field.text == "Company");
  CHECK(found[0].similarity == 1);
  CHECK(found[1].similarity == 0);
  CHECK(embedder.asked == std::vector<std::string>{"Company | Lead | account name",
                                                   "Email__c | Lead | account email", "cmpny"});
  CHECK(embedding_text("email", "Lead") == "email | Lead");
}

TEST_CASE("vectors are made once, and anew for another model", "[registry]") {
  RegistryFile file;
  store_lead(file);
  Registry registry = file.open();
  LetterEmbedder embedder;
  const EmbeddingUpdate first = Embeddings{registry}.update(embedder, {});
  CHECK(first.made == 2);
  CHECK(first.stored);
  CHECK(file.value("SELECT count(*) FROM mapping_embeddings WHERE dimensions = 26") == "2");
  const EmbeddingUpdate second = Embeddings{registry}.update(embedder, {});
  CHECK(second.made == 0);
  CHECK(second.kept == 2);
  LetterEmbedder other{"other letters"};
  CHECK(Embeddings{registry}.update(other, {}).made == 2);
  CHECK(file.value("SELECT count(*) FROM mapping_embeddings") == "2");
}

TEST_CASE("a failing embedder leaves the vectors as they were", "[registry]") {
  RegistryFile file;
  store_lead(file);
  Registry registry = file.open();
  LetterEmbedder embedder;
  embedder.fails = true;
  CHECK(error_of([&] { Embeddings{registry}.update(embedder, {}); }).code() ==
        ErrorCode::unreachable);
  CHECK(file.value("SELECT count(*) FROM mapping_embeddings") == "0");
}

TEST_CASE("a tenant finds its own mappings only", "[registry]") {
  RegistryFile file;
  store_lead(file, "other");
  Registry registry = file.open();
  LetterEmbedder embedder;
  CHECK(Embeddings{registry}.similar(embedder, "company", 5, {}).empty());
  Registry other = file.open("other");
  CHECK(Embeddings{other}.similar(embedder, "company", 1, {}).size() == 1);
}

TEST_CASE("a deprecated mapping is not found", "[registry]") {
  RegistryFile file;
  store_lead(file);
  file.run("UPDATE field_mappings SET status = 'deprecated' WHERE source_field = 'Company'");
  Registry registry = file.open();
  LetterEmbedder embedder;
  const auto found = Embeddings{registry}.similar(embedder, "company", 5, {});
  REQUIRE(found.size() == 1);
  CHECK(found[0].mapping.key.source_field.text == "Email__c");
}
