// SPDX-License-Identifier: Apache-2.0
#include "core/config/mapping_file.hpp"

#include "core/mapping/transform_text.hpp"
#include "tests/support/catch.hpp"

#include <fmt/format.h>

#include <string>

using namespace mapctl;
using mapping::DocumentEntry;
using mapping::EntryShape;

namespace {

config::ParsedMappingFile parse(std::string_view text, config::MappingFileLimits limits = {}) {
  return config::parse_mapping_file(text, "crm.yaml", mapping::ConnectorName{"crm"}, limits);
}

// "error 3:5 message", one a line.
std::string findings(std::string_view text) {
  std::string lines;
  for (const mapping::Finding& finding : parse(text).findings) {
    lines += fmt::format("{} {}:{} {}\n", to_string(finding.severity), finding.line, finding.column,
                         finding.message);
  }
  return lines;
}

std::string_view bytes(std::string_view text, const mapping::Span& span) {
  return text.substr(span.begin, span.end - span.begin);
}

}  // namespace

TEST_CASE("all three shapes of entry are read", "[config][mapping_file]") {
  const std::string_view text =
      "account:   # a comment\n"
      "  description: optional text\n"
      "  fields:\n"
      "    account_id: \"Id\"\n"
      "    industry: {source: cf_industry, transform: trim}\n"
      "    annual_revenue: {target: extras.annual_revenue}\n"
      "    _id:\n"
      "      target: extras._id   # kept\n"
      "    owner_id: user_id.value\n";
  const auto parsed = parse(text);
  CHECK(parsed.findings.empty());
  REQUIRE(parsed.document.entities.size() == 1);
  const mapping::DocumentEntity& entity = parsed.document.entities.front();
  CHECK(entity.name.text == "account");
  CHECK(entity.description == "optional text");
  REQUIRE(entity.entries.size() == 5);
  const auto check = [&](std::size_t at, EntryShape shape, const char* source, const char* field,
                         const char* transform, const char* value) {
    const DocumentEntry& entry = entity.entries[at];
    INFO(at);
    CHECK(entry.shape == shape);
    CHECK(entry.source.text == source);
    CHECK(entry.field.text == field);
    CHECK(mapping::to_text(entry.transformation) == transform);
    CHECK(bytes(text, entry.value) == value);
  };
  check(0, EntryShape::source, "Id", "account_id", "", "\"Id\"");
  check(1, EntryShape::source_map, "cf_industry", "industry", "trim",
        "{source: cf_industry, transform: trim}");
  check(2, EntryShape::target_map, "annual_revenue", "extras.annual_revenue", "",
        "{target: extras.annual_revenue}");
  check(3, EntryShape::target_map, "_id", "extras._id", "", "target: extras._id");
  check(4, EntryShape::source, "user_id.value", "owner_id", "", "user_id.value");
  CHECK(entity.entries[3].line == 7);
  const auto key = mapping::key_of(parsed.document, entity, entity.entries[1]);
  CHECK(key.connector.text == "crm");
  CHECK(key.source_table.text == "account");
}

TEST_CASE("places are bytes of the text, whatever its characters", "[config][mapping_file]") {
  const std::string text =
      "\xEF\xBB\xBF# straße €\r\nkonto:\r\n  fields:\r\n    größe: \"Straße 😀\"  # 漢字\r\n"
      "    plz: 'x'\r\n";
  const auto parsed = parse(text);
  REQUIRE(parsed.document.mappings() == 2);
  const auto& entries = parsed.document.entities[0].entries;
  CHECK(bytes(text, entries[0].key) == "größe");
  CHECK(bytes(text, entries[0].value) == "\"Straße 😀\"");
  CHECK(bytes(text, entries[1].value) == "'x'");
  CHECK(findings(text) == "note 1:1 starts with a byte order mark\nnote 1:1 lines end with CRLF\n");
}

TEST_CASE("what could be read in two ways is reported with its place", "[config][mapping_file]") {
  const auto entry = [](std::string_view line) {
    return findings(fmt::format("a:\n  fields:\n    {}\n", line));
  };
  CHECK(entry("x: 12") == "error 3:8 the source of 'x' is a number: '12'\n");
  CHECK(entry("x: -1.5e3") == "error 3:8 the source of 'x' is a number: '-1.5e3'\n");
  CHECK(entry("x: 0x1F") == "error 3:8 the source of 'x' is a number: '0x1F'\n");
  CHECK(entry("x: Yes") == "error 3:8 the source of 'x' is a boolean: 'Yes'\n");
  CHECK(entry("x: 2024-01-31") == "error 3:8 the source of 'x' is a date: '2024-01-31'\n");
  CHECK(entry("x: ~") == "error 3:8 the source of 'x' is missing\n");
  CHECK(entry("x:") == "error 3:7 the source of 'x' is missing\n");
  CHECK(entry("no: land") == "error 3:5 a key is a boolean: 'no'\n");
  CHECK(entry("x: \"\"") == "error 3:8 the source of 'x' is empty\n");
  CHECK(entry("x: [a, b]") == "error 3:8 field 'x' is a list\n");
  CHECK(entry("x: {source: a, target: b}") ==
        "error 3:5 field 'x' has both a source and a target\n");
  CHECK(entry("x: {transform: trim}") == "error 3:5 field 'x' has neither a source nor a target\n");
  CHECK(entry("x: {source: a, transfrom: trim}") ==
        "error 3:20 unknown key 'transfrom' in field 'x'\n");
  CHECK(entry("x: {source: a, transform: upcase}") ==
        "error 3:31 transform 'upcase': 'upcase' is not a known step\n");
  CHECK(entry("x: {source: [a], transform: trim}") ==
        "error 3:17 the source of 'x' is not one value\n");
  CHECK(entry("x: &here a") == "error 3:8 anchors and aliases are not read\n");
  CHECK(entry("x: !!str 12") == "error 3:8 tag 'tag:yaml.org,2002:str' is not read\n");
  CHECK(entry("<<: {a: b}") == "error 3:5 merge keys are not read\n");
  CHECK(entry("x: |\n      text") == "error 3:8 the source of 'x' is a block of text\n");
  CHECK(entry("[a]: b") == "error 3:5 a key must be one value, not a list or map\n");
  CHECK(entry("\"\": b") == "error 3:5 a field has an empty name\n");
  CHECK(entry("x: \"12\"").empty());
  CHECK(entry("x: y2k").empty());
  CHECK(entry("x: y").empty());
  CHECK(entry("x: {source: \"\", transform: constant(value=EUR)}").empty());
}

TEST_CASE("every problem of a file is found, not only the first", "[config][mapping_file]") {
  CHECK(findings("account:\n"
                 "  fields:\n"
                 "    name: Name\n"
                 "    name: Title\n"
                 "    size: &a 1\n"
                 "    other: *a\n"
                 "contact:\n"
                 "  feilds:\n"
                 "    x: y1\n"
                 "account:\n"
                 "empty:\n"
                 "list: []\n") ==
        "error 4:5 duplicate key 'name'\n"
        "error 5:11 anchors and aliases are not read\n"
        "error 6:12 anchors and aliases are not read\n"
        "error 7:1 entity 'contact' has no 'fields'\n"
        "error 8:3 unknown key 'feilds' in entity 'contact'\n"
        "error 10:1 entity 'account' has no 'fields'\n"
        "error 10:1 duplicate key 'account'\n"
        "error 11:1 entity 'empty' has no 'fields'\n"
        "error 12:7 entity 'list' is not a map\n");
}

TEST_CASE("one mapping said twice is an error, two sources of one field a warning",
          "[config][mapping_file]") {
  CHECK(findings("a:\n  fields:\n    x: s\n    s: {target: x}\n    t: {target: x}\n") ==
        "error 4:5 's' is mapped to 'x' twice\nwarning 5:5 'x' has two sources, 's' and 't'\n");
}

TEST_CASE("bad syntax, tabs and bytes of other encodings name their line",
          "[config][mapping_file]") {
  CHECK(findings("a:\n\tfields:\n") == "error 2:1 a tab is used as indentation\n");
  CHECK(findings("a:\n  fields:\n\t    x: y\n") == "error 3:1 a tab is used as indentation\n");
  CHECK(findings("a:\n  fields:\n    x: y: z\n") ==
        "error 3:9 not valid YAML: mapping values are not allowed in this context\n");
  CHECK(findings("a:\n  fields: {x: y\n").find("not valid YAML") != std::string::npos);
  CHECK(findings("a:\n  fields:\n    x: \"caf\xE9\"\n") == "error 3:12 not valid UTF-8\n");
  CHECK(findings(std::string_view{"a:\n\0", 4}) == "error 2:1 a NUL byte\n");
  CHECK(findings("a:\n  fields: {x: \"\x07\"}\n").find("error 2:1 not valid YAML: control") == 0);
  CHECK(findings("a: {fields: {x: b}}\n---\nb: {fields: {}}\n") == "error 2:1 a second document\n");
  CHECK(findings("- a\n- b\n") == "error 1:1 the file is not a map of entities\n");
  CHECK(findings("") == "warning 1:1 the file holds no mappings\n");
  CHECK(findings("# nothing\n---\n") == "warning 1:1 the file holds no mappings\n");
}

TEST_CASE("a huge or deeply nested file is refused, not read", "[config][mapping_file]") {
  config::MappingFileLimits limits;
  limits.bytes = 20;
  CHECK(parse("account:\n  fields:\n    x: y1\n", limits).findings.at(0).message ==
        "larger than 20 B");
  limits = {};
  limits.entries = 1;
  CHECK(parse("a: {fields: {x: b, z: c}}", limits).has_errors());
  for (const std::string& text :
       {std::string(100'000, '['), "a: " + std::string(500, '{') + std::string(500, '}')}) {
    CHECK(parse(text).findings.back().message == "nested more than 64 levels deep");
  }
}
