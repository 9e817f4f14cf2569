// SPDX-License-Identifier: Apache-2.0
#include "core/config/plan_file.hpp"

#include "core/base/error.hpp"
#include "core/config/endpoint.hpp"
#include "core/config/settings.hpp"
#include "core/config/yaml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace mapctl::config {
namespace fs = std::filesystem;
namespace {

constexpr std::array layouts{std::string_view{"tabs"}, std::string_view{"zip"}};
constexpr std::array llm_words{std::string_view{"on"}, std::string_view{"off"},
                               std::string_view{"replay"}};
constexpr std::array formats{std::string_view{"json"}, std::string_view{"jsonl"},
                             std::string_view{"csv"},  std::string_view{"yaml"},
                             std::string_view{"sql"},  std::string_view{"dbt"},
                             std::string_view{"html"}};

ProposeSettings read_propose(const YamlNode& node, std::string what) {
  MapReader reader{node, std::move(what)};
  ProposeSettings settings;
  settings.min_confidence = reader.optional_number("min_confidence", {0, 1});
  settings.one_to_one = reader.optional_boolean("one_to_one");
  settings.top = reader.optional_integer("top", {1, 100});
  settings.domain = reader.optional_string("domain");
  settings.use_data = reader.optional_boolean("use_data");
  settings.llm = reader.optional_choice("llm", llm_words);
  settings.use_memory = reader.optional_boolean("use_memory");
  settings.composites = reader.optional_boolean("composites");
  reader.finish();
  return settings;
}

// An endpoint that is wrong is reported where it stands, not when the run reaches it.
std::string read_endpoint(const YamlNode& node, std::string_view what) {
  std::string text = text_of(node, what);
  try {
    parse_endpoint(text);
  } catch (const Error& error) {
    throw Error{error.code() == ErrorCode::usage ? ErrorCode::configuration : error.code(),
                fmt::format("{}: {}", node.where(), error.what()), error.facts().hint};
  }
  return text;
}

PlanPair read_pair(const YamlNode& node, const PlanFile& plan) {
  MapReader reader{node, "a pair"};
  PlanPair pair;
  pair.where = node.where();
  pair.source = reader.required_string("source");
  const YamlNode& target = reader.required("target");
  std::string target_table = reader.required_string("target");
  // In quotes it is a table that has this name.
  if (target_table != "auto" || !target.plain) {
    pair.target = std::move(target_table);
  }
  const auto endpoint = [&](std::string_view key, const std::string& from_plan,
                            std::string_view plan_key) {
    if (const YamlNode* own = reader.get(key)) {
      return read_endpoint(*own, fmt::format("key '{}'", key));
    }
    if (from_plan.empty()) {
      fail_at(node, fmt::format("a pair has no {} endpoint", plan_key),
              fmt::format("add '{}: ...' to the plan or '{}: ...' to the pair", plan_key, key));
    }
    return from_plan;
  };
  pair.source_endpoint = endpoint("source_endpoint", plan.source, "source");
  pair.target_endpoint = endpoint("target_endpoint", plan.target, "target");
  if (const YamlNode* propose = reader.get_map("propose")) {
    pair.propose = read_propose(*propose, "propose");
  }
  pair.propose = pair.propose.over(plan.propose);
  reader.finish();
  return pair;
}

void read_pairs(const YamlNode& list, PlanFile& plan) {
  using Key = std::tuple<std::string, std::string, std::string, std::optional<std::string>>;
  std::map<Key, const YamlNode*> seen;
  for (const YamlNode& node : list.children) {
    PlanPair pair = read_pair(node, plan);
    const auto [first, is_new] = seen.emplace(
        Key{pair.source_endpoint, pair.source, pair.target_endpoint, pair.target}, &node);
    if (!is_new) {
      fail_at(node,
              fmt::format("the pair '{}' to '{}' is already in line {}", pair.source,
                          pair.target.value_or("auto"), first->second->line),
              "remove one of the two");
    }
    plan.pairs.push_back(std::move(pair));
  }
  if (plan.pairs.empty()) {
    fail_at(list, "the plan has no pairs",
            "add one, for example '- {source: \"*\", target: auto}'");
  }
}

void read_output(const YamlNode& node, PlanFile& plan, const fs::path& folder) {
  MapReader reader{node, "output"};
  if (const auto workbook = reader.optional_string("workbook")) {
    const fs::path path = (folder / *workbook).lexically_normal();
    if (path.extension() != ".xlsx") {
      fail_at(*node.find("workbook"),
              fmt::format("workbook '{}' does not end in '.xlsx'", *workbook),
              "spreadsheet programs go by the name's ending");
    }
    plan.workbook = path;
  }
  if (reader.optional_choice("layout", layouts) == "zip") {
    plan.layout = WorkbookLayout::zip;
  }
  if (const YamlNode* also = reader.get("also")) {
    const std::vector<std::string> words = reader.strings("also");
    for (std::size_t i = 0; i < words.size(); ++i) {
      const YamlNode& item = also->is_sequence() ? also->children[i] : *also;
      require_choice(item, "an item of key 'also'", formats);
      if (std::find(plan.also.begin(), plan.also.end(), words[i]) == plan.also.end()) {
        plan.also.push_back(words[i]);
      }
    }
  }
  reader.finish();
}

}  // namespace

ProposeSettings ProposeSettings::over(const ProposeSettings& above) const {
  ProposeSettings result = *this;
  const auto fill = [](auto& own, const auto& other) {
    if (!own) {
      own = other;
    }
  };
  fill(result.min_confidence, above.min_confidence);
  fill(result.one_to_one, above.one_to_one);
  fill(result.top, above.top);
  fill(result.domain, above.domain);
  fill(result.use_data, above.use_data);
  fill(result.llm, above.llm);
  fill(result.use_memory, above.use_memory);
  fill(result.composites, above.composites);
  return result;
}

PlanFile parse_plan(const YamlNode& root, const fs::path& file) {
  const fs::path folder = fs::absolute(file).parent_path().lexically_normal();
  PlanFile plan;
  plan.file = file;
  MapReader reader{root, "the plan"};
  if (const std::int64_t version = reader.integer("version", 1, {.minimum = 1}); version != 1) {
    fail_at(*root.find("version"), fmt::format("plans of version {} cannot be read", version),
            "this program reads version 1");
  }
  plan.name = reader.string("name", file.stem().string());
  plan.description = reader.string("description", "");
  if (const YamlNode* source = reader.get("source")) {
    plan.source = read_endpoint(*source, "key 'source'");
  }
  if (const YamlNode* target = reader.get("target")) {
    plan.target = read_endpoint(*target, "key 'target'");
  }
  if (const YamlNode* propose = reader.get_map("propose")) {
    plan.propose = read_propose(*propose, "propose");
  }
  if (const YamlNode* limits = reader.get_map("limits")) {
    for (const YamlNode& limit : limits->children) {
      const std::string shown = without_password(limit.key);
      const std::int64_t jobs = integer_of(limit, fmt::format("limit of '{}'", shown));
      if (jobs < 1) {
        fail_at(limit, fmt::format("limit of '{}' is {}, but must be at least 1", shown, jobs));
      }
      plan.limits.emplace(limit.key, static_cast<std::size_t>(jobs));
    }
  }
  if (const YamlNode* output = reader.get_map("output")) {
    read_output(*output, plan, folder);
  }
  const YamlNode* pairs = reader.get_sequence("pairs");
  // A misspelt `pairs` is better reported as what it is.
  if (pairs == nullptr) {
    reader.finish();
    reader.required("pairs");
  }
  read_pairs(*pairs, plan);
  reader.finish();
  for (const auto& [endpoint, jobs] : plan.limits) {
    const bool is_used = std::any_of(plan.pairs.begin(), plan.pairs.end(), [&](const auto& pair) {
      return pair.source_endpoint == endpoint || pair.target_endpoint == endpoint;
    });
    if (!is_used) {
      fail_at_key(*root.find("limits")->find(endpoint),
                  fmt::format("limit of '{}', which no pair uses", without_password(endpoint)),
                  "name an endpoint of the plan as it is written there");
    }
  }
  plan.output_stem = folder / plan.name;
  if (plan.workbook) {
    plan.output_stem = *plan.workbook;
    plan.output_stem.replace_extension();
  }
  return plan;
}

PlanFile load_plan(const fs::path& file) {
  return parse_plan(load_yaml(file), file);
}

}  // namespace mapctl::config
