// SPDX-License-Identifier: Apache-2.0
#include "core/registry/transfer.hpp"

#include "core/registry/changes.hpp"
#include "core/registry/lineage.hpp"
#include "core/registry/migrations.hpp"
#include "core/registry/state.hpp"
#include "core/registry/tenants.hpp"
#include "tests/integration/registry/fixture.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;

namespace {

std::vector<std::string> exported(Registry& registry, bool all) {
  std::vector<std::string> lines;
  export_registry(registry, all, [&](std::string_view line) { lines.emplace_back(line); });
  return lines;
}

std::function<bool(std::string&)> reader(const std::vector<std::string>& lines) {
  return [&lines, at = std::size_t{0}](std::string& line) mutable {
    if (at == lines.size()) {
      return false;
    }
    line = lines[at++];
    return true;
  };
}

// Two tenants with mappings, versions, a run, flags and users.
void fill(const RegistryFile& file) {
  for (const char* tenant : {"default", "other"}) {
    Registry registry = file.open(tenant);
    registry.save_proposals({"r", "", ""}, "crm", "canonical", {lead_to_account()},
                            {canonical_context()});
    Changes changes{registry};
    for (const auto& mapping : all_mappings(registry)) {
      changes.approve({mapping.id, 0}, "it's \"right\"\n");
    }
    changes.commit();
    set_flag(registry, "use_llm", "true");
    add_user(registry, UserName{"bob"}, Role::viewer);
  }
}

std::vector<std::string> grid(Registry& registry, const LineageQuery& query) {
  std::vector<std::string> fields;
  for_each_lineage_row(registry, query,
                       [&](std::span<const std::string> row) { fields.push_back(row[3]); });
  return fields;
}

}  // namespace

TEST_CASE("a registry that was exported comes back row for row", "[registry][transfer]") {
  const RegistryFile file;
  fill(file);
  Registry registry = file.open();
  const std::vector<std::string> lines = exported(registry, true);
  const RegistryFile copy;
  const auto session = copy.session();
  const ImportResult result = import_registry(*session, reader(lines));
  CHECK(result.counts.tenants.size() == 2);
  REQUIRE(result.audit.size() == 2);
  CHECK(result.audit[0].rows > 5);
  Registry restored = copy.open();
  CHECK(exported(restored, true) == lines);
  CHECK(verify_audit(restored).intact());
  CHECK(restored.runs().size() == 1);
  CHECK(restored.proposals_of(restored.runs()[0].id).size() == 1);
  CHECK(restored.lookup(mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"}).size() == 2);
  CHECK(error_of([&] { import_registry(*session, reader(lines)); }).code() ==
        ErrorCode::already_exists);
}

TEST_CASE("tables come after those that they refer to", "[registry][transfer][sqlite]") {
  const RegistryFile file;
  fill(file);
  Registry registry = file.open();
  std::vector<std::string> order;
  constexpr std::string_view opening = R"({"table":")";
  for (const std::string& line : exported(registry, true)) {
    if (line.starts_with(opening)) {
      order.push_back(line.substr(opening.size(), line.find('"', opening.size()) - opening.size()));
    }
  }
  const auto place = [&](std::string_view table) {
    return std::find(order.begin(), order.end(), table) - order.begin();
  };
  const auto session = file.session();
  const auto references = session->prepare(
      "SELECT t.name, f.\"table\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f "
      "WHERE t.type = 'table'");
  int seen = 0;
  while (references->step()) {
    INFO(references->text(0) << " refers to " << references->text(1));
    CHECK(place(references->text(1)) < place(references->text(0)));
    ++seen;
  }
  CHECK(seen > 10);
}

TEST_CASE("one tenant's export holds nothing of another", "[registry][transfer]") {
  const RegistryFile file;
  fill(file);
  Registry other = file.open("other");
  const std::vector<std::string> lines = exported(other, false);
  std::string all;
  for (const std::string& line : lines) {
    all += line;
  }
  CHECK(all.find(file.value("SELECT id FROM tenants WHERE name = 'default'")) == std::string::npos);
  CHECK(error_of([&] { exported(other, true); }).code() == ErrorCode::denied);
  // The shared entity is there already, under another id; the mappings refer to that one.
  RegistryFile copy;
  {
    Registry registry = copy.open();
    registry.ensure_entity({mapping::EntityName{"account"}, "1.0.0", "{}", "", true});
  }
  const auto session = copy.session();
  import_registry(*session, reader(lines));
  CHECK(copy.value("SELECT count(*) FROM entity_schemas WHERE tenant_id IS NULL") == "1");
  CHECK(copy.value("SELECT count(*) FROM field_mappings m JOIN entity_schemas e ON e.id = "
                   "m.entity_schema_id") == "2");
}

TEST_CASE("an export that was changed or cut is refused and leaves nothing",
          "[registry][transfer]") {
  const RegistryFile file;
  fill(file);
  Registry registry = file.open();
  const std::vector<std::string> whole = exported(registry, true);
  const auto refused = [&](const std::vector<std::string>& lines, ErrorCode code) {
    const RegistryFile copy;
    const auto session = copy.session();
    const Error problem = error_of([&] { import_registry(*session, reader(lines)); });
    INFO(problem.what());
    CHECK(problem.code() == code);
    CHECK(copy.value("SELECT count(*) FROM field_mappings") == "0");
    CHECK(copy.value("SELECT count(*) FROM tenants") == "2");
  };
  auto lines = whole;
  lines.pop_back();
  refused(lines, ErrorCode::invalid_data);
  lines = whole;
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(lines.size() / 2));
  refused(lines, ErrorCode::invalid_data);
  lines = whole;
  for (std::string& line : lines) {
    if (const auto at = line.find("Email__c"); at != line.npos) {
      line.replace(at, 8, "Forged_c");
    }
  }
  refused(lines, ErrorCode::invalid_data);
  lines = whole;
  lines[0] = R"({"schema":"mapctl.registry-export/1","schema_version":1,"tenants":[]})";
  refused(lines, ErrorCode::configuration);
  refused({"{}"}, ErrorCode::invalid_data);
  refused({}, ErrorCode::invalid_data);
  const std::string number_of_schema = fmt::format("{}", newest_schema_version());
  refused({R"({"schema":5})"}, ErrorCode::invalid_data);
  refused({R"({"schema":"mapctl.registry-export/1","schema_version":)" + number_of_schema + "}"},
          ErrorCode::invalid_data);
  for (const char* line :
       {"7", R"({"table":"flags"})", R"({"table":5})", R"({"table":"flags","columns":[[]]})",
        R"({"end":true,"rows":"many"})", R"({"table":"entity_schemas","columns":["id"]})"}) {
    refused({whole[0], line, R"(["x"])"}, ErrorCode::invalid_data);
  }

  // A chain that was broken before the export does not get in either.
  file.run("UPDATE mapping_audit_log SET new_value = 'x' WHERE position = 2");
  refused(exported(registry, true), ErrorCode::invalid_data);
}

TEST_CASE("the lineage grid is searched, filtered, sorted and paged", "[registry][lineage]") {
  const RegistryFile file;
  fill(file);
  Registry registry = file.open();
  {
    Changes changes{registry};
    NewMapping made;
    made.mapping.key = {mapping::ConnectorName{"erp"}, catalog::TableName{"100%_done"},
                        mapping::FieldPath{"Phone"}, mapping::EntityName{"account"},
                        mapping::FieldPath{"phone"}};
    made.mapping.confidence = 0.5;
    changes.create(made, "");
    changes.commit();
  }
  using Fields = std::vector<std::string>;
  const bool is_kept =
      registry.state().session->dialect() == ports::SqlDialect::postgresql;  // not computed
  CHECK(refresh_lineage(registry) == is_kept);
  CHECK(grid(registry, {}) == Fields{"Company", "Email__c", "Phone"});
  LineageQuery query;
  query.search = "ERP phone";
  CHECK(grid(registry, query) == Fields{"Phone"});
  query.search = "0%_d";
  CHECK(grid(registry, query) == Fields{"Phone"});
  query.search = "0_";
  CHECK(grid(registry, query).empty());
  query = {};
  query.all_of = {
      {parse_lineage_term("status=active")},
      {parse_lineage_term("confidence_score>=0.85"), parse_lineage_term("source_field ~ COMP")}};
  CHECK(grid(registry, query) == Fields{"Company", "Email__c"});
  query.all_of[1].pop_back();
  CHECK(grid(registry, query) == Fields{"Email__c"});
  query = {};
  query.sort = {"-confidence_score"};
  query.limit = 1;
  query.offset = 1;
  CHECK(grid(registry, query) == Fields{"Company"});
  query = {};
  query.all_of = {{parse_lineage_term("source_field!=x' OR '1'='1")}};
  CHECK(grid(registry, query).size() == 3);
  CHECK(error_of([] { parse_lineage_term("stauts=active"); }).code() == ErrorCode::usage);
  CHECK(error_of([] { parse_lineage_term("status"); }).code() == ErrorCode::usage);
  query.all_of = {{parse_lineage_term("confidence_score=high")}};
  CHECK(error_of([&] { grid(registry, query); }).code() == ErrorCode::usage);
  query = {};
  query.sort = {"1; DROP TABLE users"};
  CHECK(error_of([&] { grid(registry, query); }).code() == ErrorCode::usage);
  Registry other = file.open("other");
  CHECK(grid(other, {}) == Fields{"Company", "Email__c"});
}

TEST_CASE("the lineage grid is in the order of its sources, whatever their names",
          "[registry][lineage]") {
  const RegistryFile file;
  Registry registry = file.open();
  // Longer than what an index holds of them, alike for a long way, and one inside the other.
  const std::string long_name(290, 'x');
  struct Made {
    std::string table, field;
  };
  const std::vector<Made> in_order{{"a", "b"},
                                   {"a", "b c"},
                                   {"a b", "a"},
                                   {"a b", "z"},
                                   {"a_b", "a"},
                                   {long_name, "1"},
                                   {long_name, std::string(300, 'y') + "1"},
                                   {long_name, std::string(300, 'y') + "2"},
                                   {long_name + "1", "0"},
                                   {"\xC3\xA9t\xC3\xA9", "a"}};
  {
    Changes changes{registry};
    for (auto made = in_order.rbegin(); made != in_order.rend(); ++made) {
      NewMapping one;
      one.mapping.key = {mapping::ConnectorName{"erp"}, catalog::TableName{made->table},
                         mapping::FieldPath{made->field}, mapping::EntityName{"account"},
                         mapping::FieldPath{"f" + made->field.substr(0, 9)}};
      changes.create(one, "");
    }
    changes.commit();
  }
  refresh_lineage(registry);
  std::vector<std::string> wanted;
  for (const Made& made : in_order) {
    wanted.push_back(made.field);
  }
  CHECK(grid(registry, {}) == wanted);
  LineageQuery page;
  page.limit = 4;
  std::vector<std::string> paged;
  for (; page.offset < wanted.size(); page.offset += page.limit) {
    const std::vector<std::string> rows = grid(registry, page);
    paged.insert(paged.end(), rows.begin(), rows.end());
  }
  CHECK(paged == wanted);
}
