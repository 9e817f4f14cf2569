// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"

#include "core/config/yaml_json.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/config/failure.hpp"

#include <nlohmann/json.hpp>

#include <string>

using namespace mapctl;
using namespace mapctl::config;
using mapctl::test::failure;

namespace {

std::string parse_failure(std::string_view text, const YamlLimits& limits = {}) {
  return failure([&] { parse_yaml(text, "f.yaml", limits); });
}

}  // namespace

TEST_CASE("every node of a YAML tree knows its file, line and column", "[config]") {
  const YamlNode root =
      parse_yaml("\xEF\xBB\xBF# c\nbeta: 01\nalpha:\n  - \"q\"\n  - {k: v, n: ~}\n", "dir/f.yaml");
  REQUIRE(root.is_map());
  REQUIRE(root.children.size() == 2);
  CHECK(root.children[0].key == "beta");
  CHECK(root.children[0].text == "01");
  CHECK(root.children[0].plain);
  CHECK(root.children[0].where() == "dir/f.yaml:2:7");
  CHECK(root.children[0].key_where() == "dir/f.yaml:2:1");
  const YamlNode* alpha = root.find("alpha");
  REQUIRE(alpha != nullptr);
  REQUIRE(alpha->is_sequence());
  CHECK_FALSE(alpha->children[0].plain);
  CHECK(alpha->children[0].where() == "dir/f.yaml:4:5");
  CHECK(alpha->children[1].find("n")->is_null());
  CHECK(alpha->children[1].find("k")->text == "v");
  CHECK(root.find("gamma") == nullptr);
}

TEST_CASE("text without a value is a null node", "[config]") {
  CHECK(parse_yaml("", "f").is_null());
  CHECK(parse_yaml("# only a comment\n\n", "f").is_null());
  CHECK(parse_yaml("---\n", "f").is_null());
}

TEST_CASE("bad YAML is reported with file, line and cause", "[config]") {
  CHECK(parse_failure("a: 1\nb: 2\na: 3\n") ==
        "configuration\nf.yaml:3:1: duplicate key 'a'\n"
        "it is already given in line 1; remove one of the two");
  CHECK(parse_failure("a:\n\tb: 1\n") ==
        "configuration\nf.yaml:2:1: a tab is used as indentation\nindent with spaces");
  CHECK(parse_failure("a: &x 1\n") ==
        "configuration\nf.yaml:1:4: anchors and aliases are not read\n"
        "write the value out where it is used");
  CHECK(parse_failure("a: !!str 1\n") ==
        "configuration\nf.yaml:1:4: tag 'tag:yaml.org,2002:str' is not read\n"
        "remove the tag; put text that looks like a number in quotes");
  CHECK(parse_failure("a: 1\n---\nb: 2\n") ==
        "configuration\nf.yaml:3:1: more than one YAML document\n"
        "put each document into a file of its own");
  CHECK(parse_failure("[a, b]: 1\n").find("a key must be one value") != std::string::npos);
  CHECK(parse_failure("a: [1, 2\n").starts_with("configuration\nf.yaml:2:1: not valid YAML:"));
  CHECK(parse_failure("a: b: c\n").starts_with("configuration\nf.yaml:1:5: not valid YAML:"));
  CHECK(parse_failure("a: 1\nb: \xE9t\xE9\n") ==
        "configuration\nf.yaml:2:1: not valid UTF-8\nsave the file as UTF-8");
  CHECK(parse_failure(std::string_view{"a: \0\n", 5}).find("zero byte") != std::string::npos);
  CHECK(parse_failure("~: 1\n").find("a key is missing") != std::string::npos);
}

TEST_CASE("YAML beyond a bound is refused, whatever its nesting", "[config]") {
  CHECK(parse_failure("a: 12345\n", {.bytes = 4}).starts_with("resource_limit\n"));
  CHECK(parse_failure("[1, 2, 3, 4]\n", {.nodes = 4}).starts_with("resource_limit\n"));
  CHECK_FALSE(parse_failure("[1, 2, 3]\n", {.nodes = 4}).starts_with("resource_limit\n"));
  std::string deep;
  for (int level = 0; level < 100; ++level) {
    deep += std::string(static_cast<std::size_t>(level), ' ') + "a:\n";
  }
  CHECK(parse_failure(deep) ==
        "resource_limit\nf.yaml:65:65: nested more than 64 levels deep\n"
        "write the values less deeply nested");
  CHECK_FALSE(parse_failure(std::string(100'000, '[')) == "no error");
  CHECK_FALSE(parse_failure(std::string(100'000, '[') + std::string(100'000, ']')) == "no error");
}

TEST_CASE("a missing YAML file is named", "[config]") {
  CHECK(failure([] {
          load_yaml("/nonexistent/f.yaml");
        }).starts_with("not_found\ncannot open '/nonexistent/f.yaml'"));
}

TEST_CASE("an unknown key is an error that offers the nearest known one", "[config]") {
  const YamlNode root = parse_yaml("name: x\nlimts: 3\n", "plan.yaml");
  MapReader reader{root, "the plan"};
  CHECK(reader.required_string("name") == "x");
  CHECK(reader.get("limits") == nullptr);
  CHECK(failure([&] { reader.finish(); }) ==
        "configuration\nplan.yaml:2:1: unknown key 'limts' in the plan\ndid you mean 'limits'?");
}

TEST_CASE("a missing key names the misspelt one that stands for it", "[config]") {
  const YamlNode root = parse_yaml("names: x\n", "plan.yaml");
  MapReader reader{root, "the plan"};
  CHECK(failure([&] { reader.required_string("name"); }) ==
        "configuration\nplan.yaml:1:1: the plan has no key 'name'\nrename 'names' to 'name'");
}

TEST_CASE("values have the type that is asked for", "[config]") {
  const YamlNode root = parse_yaml(
      "int: 42\nbig: 99999999999999999999\nreal: 0.5\nflag: true\nyes: yes\nquoted: \"1\"\n"
      "time: 1500ms\nlist: [a, 2]\none: a\nmap: {}\nempty:\nword: tabz\n",
      "f.yaml");
  MapReader reader{root, "f"};
  CHECK(reader.integer("int", 0) == 42);
  CHECK(reader.number("real", 0) == 0.5);
  CHECK(reader.number("int", 0) == 42);
  CHECK(reader.boolean("flag", false));
  CHECK(reader.optional_duration("time") == 1.5);
  CHECK(reader.strings("list") == std::vector<std::string>{"a", "2"});
  CHECK(reader.strings("one") == std::vector<std::string>{"a"});
  CHECK(reader.string("int", "") == "42");
  CHECK(reader.integer("empty", 7) == 7);
  CHECK(reader.integer("absent", 8) == 8);
  CHECK(failure([&] { reader.integer("big", 0); }).find("must be a whole number") !=
        std::string::npos);
  CHECK(failure([&] { reader.boolean("yes", false); })
            .find("f.yaml:5:6: key 'yes' of f is 'yes', "
                  "but must be true or false") != std::string::npos);
  CHECK(failure([&] { reader.integer("quoted", 0); }).find("write it without quotes") !=
        std::string::npos);
  CHECK(failure([&] { reader.string("map", ""); }).find("is a map, but must be text") !=
        std::string::npos);
  CHECK(failure([&] { reader.get_sequence("map"); }).find("must be a list") != std::string::npos);
  CHECK(failure([&] { reader.get_map("one"); }).find("must be a map") != std::string::npos);
  CHECK(failure([&] {
          reader.number("real", 0, {1, 2});
        }).find("between 1 and 2") != std::string::npos);
  CHECK(failure([&] { reader.integer("int", 0, {.minimum = 50}); }).find("at least 50") !=
        std::string::npos);
  static constexpr std::string_view words[] = {"tabs", "zip"};
  CHECK(failure([&] { reader.optional_choice("word", words); }) ==
        "configuration\nf.yaml:12:7: key 'word' of f is 'tabz', but must be one of: tabs, zip\n"
        "did you mean 'tabs'?");
}

TEST_CASE("a map is asked for where a list stands", "[config]") {
  const YamlNode root = parse_yaml("- a\n", "f.yaml");
  CHECK(failure([&] {
          MapReader reader(root, "the plan");
        }).find("f.yaml:1:1: the plan is a list, but must be a map of keys") != std::string::npos);
}

TEST_CASE("durations carry their unit", "[config]") {
  CHECK(parse_duration("250ms") == 0.25);
  CHECK(parse_duration("30s") == 30.0);
  CHECK(parse_duration("2m") == 120.0);
  CHECK(parse_duration("1h") == 3600.0);
  CHECK(parse_duration("1d") == 86400.0);
  CHECK(parse_duration("3") == 3.0);
  CHECK(parse_duration("365000d"));
  CHECK_FALSE(parse_duration("365001d"));
  CHECK_FALSE(parse_duration("1e300d"));
  CHECK_FALSE(parse_duration("1e308h"));
  CHECK_FALSE(parse_duration("nan"));
  CHECK_FALSE(parse_duration("-1s"));
  CHECK_FALSE(parse_duration("fast"));
  CHECK_FALSE(parse_duration("s"));
}

TEST_CASE("what is written as YAML reads back as the same JSON", "[config][yaml]") {
  for (const char* text : {"TRUE", "False", "FALSE", "NULL", "Null", "null", "Nan", "YES", "On",
                           "~", "", "inf", "1e3", "0x1f", "-", "a: b", "plain", "x.y/z-1"}) {
    const mapctl::Json document{{"key", text}, {"list", mapctl::Json::array({text, text})}};
    CAPTURE(text);
    CHECK(to_json(parse_yaml(to_yaml(document), "x.yaml")) == document);
  }
}
