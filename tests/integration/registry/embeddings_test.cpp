// SPDX-License-Identifier: Apache-2.0
#include "core/registry/embeddings.hpp"

#include "core/registry/audit.hpp"
#include "core/registry/changes.hpp"
#include "core/registry/tenants.hpp"
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

TEST_CASE("mappings that are equally near come by their keys, however they are stored",
          "[registry]") {
  RegistryFile file;
  {
    Registry registry = file.open();
    registry.ensure_entity({mapping::EntityName{"account"}, "1.0.0", "{}", "", true});
    Changes changes{registry};
    for (const char* name : {"delta", "bravo", "echo", "alpha", "charlie"}) {
      NewMapping made;
      made.mapping.key = {mapping::ConnectorName{name}, catalog::TableName{"t"},
                          mapping::FieldPath{"mail"}, mapping::EntityName{"account"},
                          mapping::FieldPath{"email"}};
      changes.put(made, "a test");
    }
    changes.commit();
  }
  Registry registry = file.open();
  LetterEmbedder embedder;
  std::string found;
  for (const auto& similar : Embeddings{registry}.similar(embedder, "mail", 3, {})) {
    found += similar.mapping.key.connector.text + ' ';
  }
  CHECK(found == "alpha bravo charlie ");
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

namespace {

mapping::MappingKey fact(const std::string& field, const std::string& target) {
  return {mapping::ConnectorName{"shop"}, catalog::TableName{"customers"},
          mapping::FieldPath{field}, mapping::EntityName{"account"}, mapping::FieldPath{target}};
}

const std::string all_facts =
    "SELECT count(*) || ' ' || coalesce(group_concat(source_field, ','), '') FROM (SELECT "
    "source_field FROM baseline_embeddings ORDER BY source_field) facts";

}  // namespace

TEST_CASE("every tenant finds the shared baseline beside its own mappings", "[registry]") {
  RegistryFile file;
  store_lead(file);
  Registry registry = file.open();
  Registry other = file.open("other");
  LetterEmbedder embedder;
  const std::vector<mapping::MappingKey> facts{fact("company", "name"), fact("fax", "fax"),
                                               fact("company", "name")};
  const BaselineUpdate first = update_baseline(registry, facts, embedder, {});
  CHECK(first.made == 2);
  CHECK(embedder.asked.front() == "company | customers | account name");
  const auto ours = Embeddings{registry}.similar(embedder, "c", 2, {});
  REQUIRE(ours.size() == 2);
  CHECK(ours[0].origin == Origin::tenant);
  CHECK(ours[0].mapping.key.connector.text == "crm");
  CHECK(ours[1].origin == Origin::baseline);
  CHECK(ours[1].mapping.key == facts[0]);
  CHECK(ours[1].similarity == 1);
  const auto theirs = Embeddings{other}.similar(embedder, "c", 5, {});
  REQUIRE(theirs.size() == 2);
  CHECK(std::all_of(theirs.begin(), theirs.end(), [](const SimilarMapping& similar) {
    return similar.origin == Origin::baseline;
  }));
  // Vectors of another model are others.
  LetterEmbedder another{"other letters"};
  CHECK(Embeddings{other}.similar(another, "c", 5, {}).empty());
}

TEST_CASE("the shared baseline follows its facts and asks for no vector twice", "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  LetterEmbedder embedder;
  update_baseline(registry, std::vector{fact("company", "name"), fact("fax", "fax")}, embedder, {});
  embedder.asked.clear();
  const BaselineUpdate second = update_baseline(
      registry, std::vector{fact("fax", "fax"), fact("mail", "email")}, embedder, {});
  CHECK(second.kept == 1);
  CHECK(second.made == 1);
  CHECK(second.removed == 1);
  CHECK(embedder.asked == std::vector<std::string>{"mail | customers | account email"});
  CHECK(file.value(all_facts) == "2 fax,mail");
  const std::string audited =
      "SELECT count(*) FROM mapping_audit_log WHERE action = 'baseline_updated'";
  CHECK(file.value(audited) == "2");
  CHECK(update_baseline(registry, std::vector{fact("fax", "fax"), fact("mail", "email")}, embedder,
                        {})
            .kept == 2);
  CHECK(file.value(audited) == "2");
  CHECK(verify_audit(registry).intact());
  embedder.fails = true;
  CHECK(error_of([&] {
          update_baseline(registry, std::vector{fact("zip", "zip")}, embedder, {});
        }).code() == ErrorCode::unreachable);
  CHECK(file.value(all_facts) == "2 fax,mail");
}

TEST_CASE("no tenant writes the shared baseline, and none sees another's vectors", "[registry]") {
  RegistryFile file;
  store_lead(file);
  Registry registry = file.open();
  LetterEmbedder embedder;
  update_baseline(registry, std::vector{fact("fax", "fax")}, embedder, {});
  Embeddings{registry}.update(embedder, {});
  Registry other = file.open("other");
  const std::vector poison{fact("poison", "email")};
  CHECK(error_of([&] { update_baseline(other, poison, embedder, {}); }).code() ==
        ErrorCode::denied);
  add_user(registry, UserName{"ada"}, Role::admin);
  add_user(registry, UserName{"bob"}, Role::approver);
  Registry approver = file.open_as("bob");
  CHECK(error_of([&] { update_baseline(approver, poison, embedder, {}); }).code() ==
        ErrorCode::denied);
  // What a tenant does with its own mappings leaves it alone.
  store_lead(file, "other");
  CHECK(Embeddings{other}.update(embedder, {}).stored);
  CHECK(Embeddings{other}.similar(embedder, "company", 9, {}).size() == 3);
  CHECK(file.value(all_facts) == "1 fax");
  // After a change of it, the session is the tenant's again.
  update_baseline(registry, std::vector{fact("fax", "fax"), fact("x", "y")}, embedder, {});
  CHECK(registry.status().mappings == 2);
  CHECK(Embeddings{registry}.similar(embedder, "company", 9, {}).size() == 4);
}
