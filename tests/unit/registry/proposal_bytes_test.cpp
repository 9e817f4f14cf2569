// SPDX-License-Identifier: Apache-2.0
#include "core/registry/proposal_bytes.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

#include <cmath>
#include <limits>

using namespace mapctl;
using namespace mapctl::registry;
using mapping::Candidate;
using mapping::FieldProposal;

namespace {

const catalog::TableRef accounts{catalog::SchemaName{"crm"}, catalog::TableName{"account"}};
const catalog::TableRef contacts{catalog::SchemaName{"crm"}, catalog::TableName{"contact"}};

std::vector<FieldProposal> fields() {
  Candidate best;
  best.target_table = accounts;
  best.target_column = catalog::ColumnName{"e-mail \"work\"\n"};
  best.score = 0.1 + 0.2;
  best.confidence = 1.0 / 3;
  best.mapping_type = mapping::MappingType::transformed;
  best.transformation.steps = {{mapping::TransformationKind::trim, {}},
                               {mapping::TransformationKind::cast, {{"type", "varchar(80)"}}}};
  best.warnings = {"12 values are longer than 80 characters", "Größe \\ 'x'"};
  best.evidence = {{"name", static_cast<double>(0.97F), 1.25, "same words: e, mail"},
                   {"type", 1, -1e-17, ""},
                   {"key", 0, -0.0, "both are keys"}};
  Candidate second;
  second.target_table = contacts;
  second.target_column = catalog::ColumnName{std::string("a\0b", 3)};
  second.mapping_type = mapping::MappingType::computed;
  second.evidence = best.evidence;
  FieldProposal decided;
  decided.source_column = catalog::ColumnName{"Mail"};
  decided.decision = {1, 0};
  decided.confidence = 0.5;
  decided.candidates = {best, second};
  FieldProposal unlike;
  unlike.source_column = catalog::ColumnName{std::string(300, 'x')};
  unlike.confidence = 1;
  return {decided, unlike, decided};
}

void check_equal(const std::vector<FieldProposal>& after,
                 const std::vector<FieldProposal>& before) {
  REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    CHECK(after[i].source_column == before[i].source_column);
    CHECK(after[i].decision == before[i].decision);
    CHECK(after[i].confidence == before[i].confidence);
    REQUIRE(after[i].candidates.size() == before[i].candidates.size());
    for (std::size_t c = 0; c < after[i].candidates.size(); ++c) {
      const Candidate& is = after[i].candidates[c];
      const Candidate& was = before[i].candidates[c];
      CHECK(is.target_table == was.target_table);
      CHECK(is.target_column == was.target_column);
      CHECK(is.score == was.score);
      CHECK(is.confidence == was.confidence);
      CHECK(is.mapping_type == was.mapping_type);
      CHECK(is.transformation == was.transformation);
      CHECK(is.warnings == was.warnings);
      CHECK(is.evidence == was.evidence);
    }
  }
}

}  // namespace

TEST_CASE("fields read back exactly as they were written", "[registry]") {
  const auto before = fields();
  const std::string bytes = fields_to_bytes(before, accounts);
  SignalNames names;
  check_equal(fields_from_bytes(bytes, accounts, names, "a test"), before);
  CHECK(names == SignalNames{"key", "name", "type"});
  check_equal(fields_from_bytes(fields_to_bytes({}, accounts), accounts, names, "a test"), {});
}

TEST_CASE("a kept number has every bit, and what is no number is 0", "[registry]") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {0.0, 1.0, 0.1, 1.0 / 3, 1e-300, -5e-324, 1e300, 123456789.125,
                             static_cast<double>(0.1F), -1.0, std::nan(""), infinity, -0.0}) {
    FieldProposal field;
    field.confidence = value;
    SignalNames names;
    const double kept =
        fields_from_bytes(fields_to_bytes({field}, accounts), accounts, names, "a test")[0]
            .confidence;
    CHECK(kept == (std::isfinite(value) ? value : 0));
    CHECK(std::signbit(kept) == (std::isfinite(value) && std::signbit(value)));
  }
}

TEST_CASE("a text and a piece of evidence are kept once in a proposal", "[registry]") {
  auto many = fields();
  const std::size_t once = fields_to_bytes(many, accounts).size();
  const std::size_t repeats = 1'000;
  for (std::size_t i = 0; i < repeats; ++i) {
    many.push_back(many.front());
  }
  // Of each repeat only numbers and places are left.
  CHECK(fields_to_bytes(many, accounts).size() < once + 80 * repeats);
  SignalNames names;
  check_equal(fields_from_bytes(fields_to_bytes(many, accounts), accounts, names, "a test"), many);
}

TEST_CASE("damaged fields are named, wherever they were cut or changed", "[registry]") {
  const std::string bytes = fields_to_bytes(fields(), accounts);
  const auto read = [&](std::string_view text) {
    SignalNames names;
    return fields_from_bytes(text, accounts, names, "the proposal for 'crm.lead'");
  };
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    try {
      read(std::string_view{bytes}.substr(0, size));
      FAIL("accepted the first " << size << " bytes");
    } catch (const Error& problem) {
      REQUIRE(problem.code() == ErrorCode::invalid_data);
      REQUIRE_THAT(problem.what(), Catch::Matchers::ContainsSubstring("crm.lead"));
    }
  }
  CHECK_THROWS_AS(read(bytes + '\0'), Error);
  // A changed byte may still make sense; if not, it must be told as damage.
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {1, 0x80, 0xFF}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      try {
        read(changed);
      } catch (const Error& problem) {
        REQUIRE(problem.code() == ErrorCode::invalid_data);
        ++refused;
      }
    }
  }
  CHECK(refused > 100);
}
