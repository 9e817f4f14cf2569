// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/catalog/snapshot.hpp"
#include "tests/conformance/sample.hpp"
#include "tests/conformance/subject.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <thread>

// Each case runs over every subject, as a section with its name.
namespace mapctl::test {
namespace {

using catalog::Catalog;
using ports::DiscoveryScope;

DiscoveryScope scope_of(std::string pattern) {
  DiscoveryScope scope;
  scope.tables = catalog::NamePattern{std::move(pattern)};
  return scope;
}

std::vector<std::string> table_names(const Catalog& found) {
  std::vector<std::string> names;
  for (const auto& entry : found.tables()) {
    names.push_back(entry.table->name.text);
  }
  return names;
}

std::vector<std::string> texts(const std::vector<catalog::ColumnName>& names) {
  std::vector<std::string> result;
  for (const auto& name : names) {
    result.push_back(name.text);
  }
  return result;
}

catalog::TableRef ref_of(const Subject& subject, const std::string& table) {
  return {catalog::SchemaName{subject.schema()}, catalog::TableName{table}};
}

const catalog::Table& table_in(const Catalog& found, const Subject& subject,
                               const std::string& name) {
  const auto* table = found.find(ref_of(subject, name));
  REQUIRE(table != nullptr);
  return *table;
}

template <class Action>
ErrorCode code_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(std::string{error.what()} != "");
    CHECK(error.facts().hint != "");
    return error.code();
  }
  FAIL("nothing was thrown");
  return ErrorCode::internal;
}

#if defined(MAPCTL_TEST_ODBC)
TEST_CASE("the databases of this suite can be reached through their drivers", "[conformance]") {
  if (make_odbc_mariadb_subject() == nullptr) {
    skip("mariadb", "there is no mariadbd, or no ODBC driver named 'MariaDB Unicode'");
  }
  if (make_odbc_postgres_subject() == nullptr || make_odbc_sqlite_subject() == nullptr) {
    skip("odbc", "there is no ODBC driver named 'PostgreSQL Unicode' or 'SQLite3'");
  }
}
#endif

TEST_CASE("every connector finds exactly the tables, in order", "[conformance]") {
  for (const auto& subject : subjects()) {
    DYNAMIC_SECTION(subject->name()) {
      std::vector<std::string> expected;
      for (const auto& table : subject->tables()) {
        expected.push_back(table.name);
      }
      const auto found = subject->open()->discover({}, {});
      CHECK(table_names(found) == expected);
      CHECK(found.warnings.empty());
      CHECK(found.system == subject->factory().info().name);
      for (const auto& entry : found.tables()) {
        CHECK(entry.table->kind == subject->kind());
        CHECK(entry.ref.schema.text == subject->schema());
      }
    }
  }
}

TEST_CASE("every connector finds the columns in the system's order with their types",
          "[conformance]") {
  for (const auto& subject : subjects()) {
    DYNAMIC_SECTION(subject->name()) {
      const auto found = subject->open()->discover({}, {});
      for (const auto& expected : subject->tables()) {
        const auto& table = table_in(found, *subject, expected.name);
        REQUIRE(table.columns.size() == expected.columns.size());
        for (std::size_t i = 0; i < expected.columns.size(); ++i) {
          INFO(expected.name << "." << expected.columns[i].name);
          CHECK(table.columns[i].name.text == expected.columns[i].name);
          CHECK(table.columns[i].position == static_cast<int>(i) + 1);
          CHECK(catalog::to_string(table.columns[i].type.logical) ==
                catalog::to_string(subject->type(expected.columns[i].type)));
          CHECK(table.columns[i].type.native != "");
        }
      }
    }
  }
}

TEST_CASE("every connector keeps composite keys in key order and references paired",
          "[conformance]") {
  for (const auto& subject : subjects()) {
    DYNAMIC_SECTION(subject->name()) {
      const auto found = subject->open()->discover({}, {});
      CHECK(subject->open()->capabilities().discovers_keys == subject->keeps_keys());
      for (const auto& expected : subject->tables()) {
        INFO(expected.name);
        const auto& table = table_in(found, *subject, expected.name);
        if (!subject->keeps_keys()) {
          CHECK(table.primary_key.empty());
          CHECK(table.foreign_keys.empty());
          continue;
        }
        auto key = texts(table.primary_key);
        auto expected_key = expected.primary_key;
        if (!subject->keeps_composite_references()) {
          // A description marks columns one by one.
          std::sort(key.begin(), key.end());
          std::sort(expected_key.begin(), expected_key.end());
        }
        CHECK(key == expected_key);
        std::vector<std::string> pairs;
        for (const auto& reference : table.foreign_keys) {
          REQUIRE(reference.columns.size() == reference.referenced_columns.size());
          for (std::size_t i = 0; i < reference.columns.size(); ++i) {
            pairs.push_back(reference.columns[i].text + ">" + reference.references.table.text +
                            "." + reference.referenced_columns[i].text);
          }
        }
        std::vector<std::string> expected_pairs;
        for (const auto& reference : expected.foreign_keys) {
          for (std::size_t i = 0; i < reference.columns.size(); ++i) {
            expected_pairs.push_back(reference.columns[i] + ">" + reference.table + "." +
                                     reference.referenced[i]);
          }
        }
        std::sort(pairs.begin(), pairs.end());
        std::sort(expected_pairs.begin(), expected_pairs.end());
        CHECK(pairs == expected_pairs);
        if (subject->keeps_composite_references()) {
          CHECK(table.foreign_keys.size() == expected.foreign_keys.size());
        }
      }
    }
  }
}

TEST_CASE("every connector that counts rows counts them exactly when they are few",
          "[conformance]") {
  for (const auto& subject : subjects()) {
    DYNAMIC_SECTION(subject->name()) {
      auto connector = subject->open();
      const auto found = connector->discover({}, {});
      for (const auto& expected : subject->tables()) {
        const auto& table = table_in(found, *subject, expected.name);
        if (subject->estimates_rows()) {
          CHECK(table.row_count.has_value() == table.row_count_is_estimate);
        } else if (connector->capabilities().counts_rows) {
          CHECK(table.row_count == static_cast<std::int64_t>(expected.rows.size()));
          CHECK(table.row_count_is_estimate != subject->counts_exactly());
        } else {
          CHECK_FALSE(table.row_count.has_value());
        }
      }
    }
  }
}

TEST_CASE("every connector reads a table pattern as a glob and never as a wildcard of SQL",
          "[conformance]") {
  for (const auto& subject : subjects()) {
    DYNAMIC_SECTION(subject->name()) {
      auto connector = subject->open();
      const auto names = [&](const char* pattern) {
        return table_names(connector->discover(scope_of(pattern), {}));
      };
      CHECK(names("Order_Lines") == std::vector<std::string>{"Order_Lines"});
      CHECK(names("Order*") == std::vector<std::string>{"OrderXLines", "Order_Lines"});
      CHECK(names("Order?Lines") == std::vector<std::string>{"OrderXLines", "Order_Lines"});
      const std::string odd = subject->name_of("it's \"größer\"");
      CHECK(names(odd.c_str()) == std::vector<std::string>{odd});
      CHECK(names("Order%").empty());
      CHECK(names("nothing_like_it").empty());
    }
  }
}

TEST_CASE("every connector reads the rows as text in order, or says that it has none",
          "[conformance]") {
  for (const auto& subject : subjects()) {
    DYNAMIC_SECTION(subject->name()) {
      auto connector = subject->open();
      for (const auto& expected : subject->tables()) {
        const auto ref = ref_of(*subject, expected.name);
        if (!connector->capabilities().reads_rows) {
          CHECK(code_of([&] { connector->open_reader(ref, {}); }) == ErrorCode::unsupported);
          continue;
        }
        auto reader = connector->open_reader(ref, {});
        REQUIRE(reader->columns().size() == expected.columns.size());
        for (std::size_t i = 0; i < expected.columns.size(); ++i) {
          CHECK(reader->columns()[i].text == expected.columns[i].name);
        }
        std::vector<SampleRow> rows;
        std::vector<std::optional<std::string_view>> row;
        while (rows.size() <= expected.rows.size() && reader->next(row)) {
          auto& kept = rows.emplace_back();
          for (const auto& value : row) {
            kept.push_back(value ? std::optional<std::string>{*value} : std::nullopt);
          }
        }
        std::vector<SampleRow> expected_rows = expected.rows;
        for (auto& expected_row : expected_rows) {
          for (std::size_t i = 0; i < expected_row.size(); ++i) {
            if (expected_row[i]) {
              expected_row[i] = subject->spelling(expected.columns[i].type, *expected_row[i]);
            }
          }
        }
        if (!subject->keeps_row_order()) {
          std::sort(rows.begin(), rows.end());
          std::sort(expected_rows.begin(), expected_rows.end());
        }
        INFO(expected.name);
        CHECK((rows == expected_rows));
        CHECK_FALSE(reader->next(row));
      }
    }
  }
}

TEST_CASE("every connector says what is not there", "[conformance]") {
  for (const auto& subject : subjects()) {
    DYNAMIC_SECTION(subject->name()) {
      CHECK(code_of([&] {
              subject->factory().open(subject->options_of_nothing(), {})->discover({}, {});
            }) == ErrorCode::not_found);
      auto connector = subject->open();
      if (connector->capabilities().reads_rows) {
        // Names are exact: an underscore is no wildcard.
        for (const char* name : {"nothing", "Order_Line_", "*"}) {
          CHECK(code_of([&] { connector->open_reader(ref_of(*subject, name), {}); }) ==
                ErrorCode::not_found);
        }
      }
    }
  }
}

TEST_CASE("every connector refuses options that it does not know and offers the nearest",
          "[conformance]") {
  for (const auto& subject : subjects()) {
    DYNAMIC_SECTION(subject->name()) {
      auto options = subject->options();
      const auto [slip, meant] = subject->misspelt_option();
      options.options[slip] = "x";
      try {
        subject->factory().open(options, {});
        FAIL("the option was taken");
      } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::configuration);
        CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("'" + slip + "'"));
        CHECK_THAT(error.facts().hint, Catch::Matchers::ContainsSubstring(meant));
      }
    }
  }
}

TEST_CASE("every connector stops when it is asked to", "[conformance]") {
  for (const auto& subject : subjects()) {
    DYNAMIC_SECTION(subject->name()) {
      std::stop_source stop;
      auto connector = subject->open();
      stop.request_stop();
      DiscoveryScope scope;
      scope.statistics = connector->capabilities().discovers_statistics;
      try {
        connector->discover(scope, stop.get_token());
        FAIL("discovery went on");
      } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::cancelled);
      }
      // A stop is for one call.
      CHECK(connector->discover({}, {}).tables().size() == sample().size());
    }
  }
}

TEST_CASE("every connector gives the same catalog twice, and in two threads at once",
          "[conformance]") {
  for (const auto& subject : subjects()) {
    DYNAMIC_SECTION(subject->name()) {
      DiscoveryScope scope;
      scope.statistics = subject->factory().info().capabilities.discovers_statistics;
      const auto once = subject->open()->discover(scope, {});
      Catalog results[2];
      {
        std::vector<std::jthread> threads;
        for (auto& result : results) {
          threads.emplace_back([&] { result = subject->open()->discover(scope, {}); });
        }
      }
      for (const auto& result : results) {
        CHECK((result.schemas == once.schemas));
        CHECK((result.warnings == once.warnings));
        CHECK(catalog::fingerprint(result) == catalog::fingerprint(once));
      }
    }
  }
}

TEST_CASE("every connector tells what it is and that the system answers", "[conformance]") {
  for (const auto& subject : subjects()) {
    DYNAMIC_SECTION(subject->name()) {
      const auto info = subject->factory().info();
      CHECK(info.name != "");
      CHECK(info.description != "");
      CHECK(info.kind != "");
      CHECK_FALSE(info.options.empty());
      const auto server = subject->open()->test({});
      CHECK(server.product != "");
      CHECK(server.missing_privileges.empty());
    }
  }
}

}  // namespace
}  // namespace mapctl::test
