// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/matching/scoring/combination.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl::matching {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view file_name = "weights.tsv";
constexpr std::string_view constant_name = "(constant)";
constexpr std::string_view partnered_name = "(partnered)";
constexpr std::string_view no_weight = "-";
constexpr float greatest_weight = 100;

// What they told others tell. A file of somebody's own may still name them.
constexpr std::array<std::string_view, 7> retired{"words_apart", "words_lead",  "row_rank",
                                                  "row_share",   "column_rank", "column_share",
                                                  "column_claim"};

class CombinationReader {
 public:
  CombinationReader(const fs::path& path, Combination& combination)
      : path_{path}, combination_{combination} {}

  void run() {
    const std::string content = read_file(path_);
    std::string_view rest = content;
    while (!rest.empty()) {
      ++line_number_;
      auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      if (line.ends_with('\r')) {
        line.remove_suffix(1);
      }
      if (!line.empty() && line.front() != '#') {
        take(line);
      }
    }
  }

 private:
  [[noreturn]] void fail(std::string_view cause) const {
    throw Error{ErrorCode::configuration,
                fmt::format("model file '{}', line {}: {}", path_.string(), line_number_, cause),
                "profiles/model/README.md describes the format"};
  }

  float weight_of(std::string_view text, float least) const {
    float value = 0;
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end ||
        !(value >= least && value <= greatest_weight)) {
      fail(fmt::format("'{}' is not a number from {} to {}", text, least, greatest_weight));
    }
    return value;
  }

  void take(std::string_view line) {
    const auto next = [&] {
      const auto field = line.substr(0, line.find('\t'));
      line.remove_prefix(std::min(field.size() + 1, line.size()));
      return field;
    };
    const auto name = next();
    const auto own = next();
    const auto full = next();
    if (full.empty() || !line.empty()) {
      fail("a feature and its two weights are needed, parted by tabs");
    }
    if (name == constant_name) {
      combination_.own.constant = weight_of(own, -greatest_weight);
      combination_.full.constant = weight_of(full, -greatest_weight);
      return;
    }
    if (name == partnered_name) {
      if (own != no_weight) {
        fail(fmt::format("'{}' is of all pairs together, so its first weight is '{}'", name,
                         no_weight));
      }
      combination_.partnered = weight_of(full, 0);
      return;
    }
    if (std::find(retired.begin(), retired.end(), name) != retired.end()) {
      return;
    }
    const auto feature = feature_from(name);
    if (!feature) {
      fail(fmt::format("there is no feature '{}'", name));
    }
    const auto number = static_cast<std::size_t>(*feature);
    if (number < own_feature_count) {
      combination_.own.of[number] = weight_of(own, 0);
    } else if (own != no_weight) {
      fail(fmt::format("'{}' is of a pair among the others, so its first weight is '{}'", name,
                       no_weight));
    }
    combination_.full.of[number] = weight_of(full, 0);
  }

  const fs::path& path_;
  Combination& combination_;
  int line_number_ = 0;
};

}  // namespace

std::shared_ptr<const Combination> load_combination(std::span<const fs::path> folders) {
  auto combination = std::make_shared<Combination>();
  bool found = false;
  for (const auto& folder : folders) {
    const auto path = folder / file_name;
    std::error_code ignored;
    if (fs::exists(path, ignored)) {
      CombinationReader{path, *combination}.run();
      found = true;
    }
  }
  if (!found) {
    throw Error{ErrorCode::not_found,
                fmt::format("no folder of profiles has a model ('model/{}')", file_name),
                "install mapctl's data files again, or name their folder with --profiles"};
  }
  return combination;
}

std::string to_text(const Combination& combination) {
  std::string text = fmt::format(
      "# SPDX-License-Identifier: Apache-2.0\n# feature\tpair alone\tamong the "
      "others\n{}\t{:.3f}\t{:.3f}\n{}\t{}\t{:.3f}\n",
      constant_name, combination.own.constant, combination.full.constant, partnered_name, no_weight,
      combination.partnered);
  for (std::size_t number = 0; number < feature_count; ++number) {
    const auto own = number < own_feature_count ? fmt::format("{:.3f}", combination.own.of[number])
                                                : std::string{no_weight};
    fmt::format_to(std::back_inserter(text), "{}\t{}\t{:.3f}\n",
                   to_string(static_cast<Feature>(number)), own, combination.full.of[number]);
  }
  return text;
}

}  // namespace mapctl::matching
