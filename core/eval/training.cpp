// SPDX-License-Identifier: Apache-2.0
#include "core/eval/training.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/eval/linear_fit.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/matcher.hpp"
#include "core/matching/scoring/normalisation.hpp"
#include "core/matching/scoring/scorer.hpp"
#include "core/matching/words/lexicon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

namespace mapctl::eval {
namespace {

namespace fs = std::filesystem;
using matching::Combination;
using matching::Feature;
using matching::feature_count;
using matching::own_feature_count;

constexpr std::size_t candidates = 30;          // more than are matched: the unlikely teach, too
constexpr std::size_t trained_candidates = 16;  // of a source column
// The suites know few types, keys and descriptions, so for these the penalty pulls towards what a
// person would say.
constexpr double prior_strength = 12;
constexpr double least_of_prior = 0.3;
// The second step's factor of a pair's own evidence, which must stay worth reading.
constexpr double own_factor = 0.12;
constexpr double own_factor_strength = 4000;
constexpr double standing_prior_strength = 100;
// Brings F1 at 0.5 near its best on suites the weights have not seen.
constexpr double decision_offset = 0.2;

// The share of columns with a counterpart moves confidences as Bayes' rule says; weights from a
// half to 1.3 do as well on suites left out.
constexpr float as_counted = 1;

const std::map<Feature, double> own_prior{
    {Feature::type, 1.2},          {Feature::key, 0.4},           {Feature::comment, 1.0},
    {Feature::comment_names, 0.6}, {Feature::value_overlap, 1.5}, {Feature::value_patterns, 0.8},
    {Feature::distribution, 0.4},  {Feature::shape, 0.4},         {Feature::exact_name, 0.8},
    {Feature::numbers, 0.6},       {Feature::head, 0.6},          {Feature::role, 1.0},
    {Feature::value_kind, 1.0},    {Feature::convention, 2.5},    {Feature::subject, 2.0},
    {Feature::value_meaning, 2.5}, {Feature::whole_part, 1.5},    {Feature::contrast, 0.5}};
// What a name or values rule out stays ruled out where no better candidate is in sight, so in the
// second step these count once more, beside the pair's standing.
const std::map<Feature, double> standing_prior{
    {Feature::role, 1.2},           {Feature::value_kind, 0.5}, {Feature::type, 0.5},
    {Feature::convention, 1.5},     {Feature::subject, 1.0},    {Feature::value_meaning, 1.0},
    {Feature::value_conflict, 3.0}, {Feature::whole_part, 1.5}, {Feature::contrast, 0.5}};

// Learning takes the best candidates of each column, so something must say which these are before
// anything is learned: weights that a person would give. What is shipped has seen all suites.
const Combination& at_first() {
  static const Combination combination = [] {
    matching::Weights weights;
    const auto set = [&](Feature feature, double weight) {
      weights.of[static_cast<std::size_t>(feature)] = static_cast<float>(weight);
    };
    for (const auto& [feature, weight] : own_prior) {
      set(feature, weight);
    }
    for (const Feature name :
         {Feature::best_spelling, Feature::tokens_meant, Feature::table_name}) {
      set(name, 1);
    }
    for (const Feature lead : {Feature::trigrams_lead, Feature::qualified_lead}) {
      set(lead, 2);
    }
    return Combination{weights, weights};
  }();
  return combination;
}

struct FamilyLine {
  std::string suite{}, family{}, use{}, truth_file{};
  double weight = 1;
};

std::optional<double> weight_from(std::string_view text) {
  constexpr double most = 100;
  double weight = 1;
  const auto* const end = text.data() + text.size();
  if (text.empty()) {
    return weight;
  }
  const auto read = std::from_chars(text.data(), end, weight);
  const bool good = read.ec == std::errc{} && read.ptr == end && weight > 0 && weight <= most;
  return good ? std::optional{weight} : std::nullopt;
}

std::vector<FamilyLine> read_families(const fs::path& path) {
  std::vector<FamilyLine> lines;
  if (path.empty()) {
    return lines;
  }
  const auto text = read_file(path);
  std::string_view rest = text;
  for (int number = 1; !rest.empty(); ++number) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (line.empty() || line.front() == '#') {
      continue;
    }
    std::vector<std::string> fields;
    for (std::size_t from = 0; from <= line.size();) {
      const auto end = std::min(line.find('\t', from), line.size());
      fields.emplace_back(line.substr(from, end - from));
      from = end + 1;
    }
    fields.resize(std::max<std::size_t>(fields.size(), 5));
    const auto& use = fields[2];
    const auto weight = weight_from(fields[4]);
    if (!weight) {
      throw Error{ErrorCode::configuration,
                  fmt::format("'{}' line {}: '{}' is no weight", path.string(), number, fields[4]),
                  "write a number above 0, up to 100, or leave it out"};
    }
    if (fields.size() > 5 || fields[0].empty() || fields[1].empty() ||
        (use != "all" && use != "gaps" && use != "none")) {
      throw Error{
          ErrorCode::configuration,
          fmt::format("'{}' line {}: '{}' is no suite, family and use", path.string(), number,
                      line),
          "write the suite's folder name, its family and 'all', 'gaps' or 'none', parted by "
          "tabs; then, if needed, its truth file and a weight"};
    }
    lines.push_back({fields[0], fields[1], use, fields[3], *weight});
  }
  return lines;
}

std::string family_by_name(std::string_view suite) {
  return std::string{suite.substr(0, suite.find('_'))};
}

std::uint64_t number_of(std::uint32_t source, std::uint32_t target) {
  return std::uint64_t{source} << 32U | target;
}

}  // namespace

std::vector<TrainingSuite> training_suites(const fs::path& folder, const fs::path& families) {
  const auto lines = read_families(families);
  std::vector<TrainingSuite> result;
  for (const auto& path : suite_folders(folder, {})) {
    const auto suite = path.filename().string();
    bool told = false;
    for (const auto& line : lines) {
      if (line.suite != suite) {
        continue;
      }
      told = true;
      if (line.use != "none") {
        TrainingSuite one{path, suite, line.family, "truth.csv", line.use == "gaps", line.weight};
        if (!line.truth_file.empty()) {
          one.truth_file = line.truth_file;
        }
        result.push_back(std::move(one));
      }
    }
    if (!told) {
      result.push_back({path, suite, family_by_name(suite)});
    }
  }
  return result;
}

std::string family_of(std::string_view suite, const fs::path& families) {
  for (const auto& line : read_families(families)) {
    if (line.suite == suite) {
      return line.family;
    }
  }
  return family_by_name(suite);
}

// Two sides with their candidate pairs and what of them is true.
struct TrainingSet::Pairing {
  std::string suite{}, family{};
  double weight = 1;  // of each pair
  bool gaps = false;
  std::shared_ptr<const matching::Prepared> source{}, target{};
  const matching::Side* from = nullptr;
  const matching::Side* to = nullptr;
  std::unordered_set<std::uint64_t> truth{};
  std::unordered_set<std::uint64_t> acceptable{};  // nothing is learned from these
  matching::ScoreTable scores{};
  std::vector<std::uint32_t> order{};  // of the target's columns

  bool right(const matching::ScoredPair& pair) const {
    return truth.contains(number_of(pair.source, pair.target));
  }
  bool tells_nothing(const matching::ScoredPair& pair) const {
    return (gaps && matching::at(*pair.features, Feature::exact_name) > 0 && !right(pair)) ||
           acceptable.contains(number_of(pair.source, pair.target));
  }
  void find_truth(const Task& task) {
    std::map<ColumnKey, std::uint32_t> sources;
    std::map<ColumnKey, std::uint32_t> targets;
    const auto tell = [](const matching::Side& side, auto& numbers) {
      for (std::uint32_t column = 0; column < side.columns.size(); ++column) {
        const auto& features = side.columns[column];
        numbers.emplace(
            ColumnKey{side.tables[features.table].ref.table.text, features.column->name.text},
            column);
      }
    };
    tell(*from, sources);
    tell(*to, targets);
    const auto take = [&](const auto& pairs, auto& numbers) {
      for (const auto& [left, right] : pairs) {
        const auto source_column = sources.find(left);
        const auto target_column = targets.find(right);
        if (source_column != sources.end() && target_column != targets.end()) {
          numbers.insert(number_of(source_column->second, target_column->second));
        }
      }
    };
    take(task.truth, truth);
    take(task.acceptable, acceptable);
  }
};

TrainingSet::TrainingSet(const std::vector<TrainingSuite>& suites,
                         std::shared_ptr<const matching::Lexicon> lexicon, std::stop_token stop) {
  constexpr double scale = 20;
  for (const auto& suite : suites) {
    LoadOptions load;
    load.truth_file = suite.truth_file;
    const std::size_t first = pairings_.size();
    double positives = 0;
    for (const auto& folder : task_folders(suite.folder, load)) {
      if (stop.stop_requested()) {
        throw Error{ErrorCode::cancelled, "training was cancelled"};
      }
      const Task task = load_task(folder, load);
      Pairing pairing;
      pairing.suite = suite.suite;
      pairing.family = suite.family;
      pairing.gaps = suite.gaps;
      pairing.source = matching::prepare(task.source, *lexicon);
      pairing.target = matching::prepare(task.target, *lexicon);
      pairing.from = &pairing.source->whole();
      pairing.to = &pairing.target->whole();
      pairing.find_truth(task);
      if (pairing.truth.empty()) {
        continue;
      }
      positives += static_cast<double>(pairing.truth.size());
      matching::ScoreOptions options;
      options.per_source = candidates;
      pairing.order = matching::name_order(*pairing.to);
      pairing.scores =
          matching::score(*pairing.from, *pairing.to, *lexicon, at_first(), options, stop);
      pairings_.push_back(std::move(pairing));
    }
    for (std::size_t at = first; at < pairings_.size(); ++at) {
      pairings_[at].weight = suite.weight * scale / std::sqrt(positives);
    }
  }
}

TrainingSet::~TrainingSet() = default;
TrainingSet::TrainingSet(TrainingSet&&) noexcept = default;

namespace {

template <class Pairing>
class Training {
 public:
  explicit Training(std::vector<Pairing*> all) : all_{std::move(all)} {}

  Combination run() {
    score(at_first());
    const auto first = fit_own();
    score({first, first});
    const auto own = fit_own();
    score({own, own});
    return {own, fit_full(own), as_counted};
  }

 private:
  void score(const Combination& combination) {
    for (auto* pairing : all_) {
      matching::combine(pairing->scores, *pairing->from, *pairing->to, pairing->order, combination);
    }
  }

  // The best candidates of every source column, and all that are right.
  template <class Take>
  void each_sample(Take&& take) const {
    for (const auto* pairing : all_) {
      std::uint32_t source = 0;
      std::size_t taken = 0;
      for (const auto& pair : pairing->scores.pairs) {
        if (pair.source != source) {
          source = pair.source;
          taken = 0;
        }
        if (pairing->tells_nothing(pair)) {
          continue;
        }
        const bool right = pairing->right(pair);
        if (right || taken++ < trained_candidates) {
          take(*pairing, pair, right);
        }
      }
    }
  }

  matching::Weights fit_own() {
    std::vector<LinearSample> samples;
    each_sample([&](const Pairing& pairing, const matching::ScoredPair& pair, bool right) {
      samples.push_back({pair.features, pairing.weight, right});
    });
    std::vector<std::size_t> used(own_feature_count);
    std::iota(used.begin(), used.end(), std::size_t{0});
    // Of a pair by itself it says less than where names and standing have spoken.
    std::erase(used, static_cast<std::size_t>(Feature::value_conflict));
    std::map<std::size_t, Pull> pulls;
    for (const auto& [feature, goal] : own_prior) {
      pulls[static_cast<std::size_t>(feature)] = {goal, prior_strength, least_of_prior};
    }
    auto own = fit_weights(samples, std::move(used), pulls);
    // Conventions are known in one field of business only, whose suites disagree about them: a
    // person says what they weigh.
    const auto convention = static_cast<std::size_t>(Feature::convention);
    own.of[convention] = static_cast<float>(own_prior.at(Feature::convention));
    // Nor may descriptions count for nothing because those of the same suites are no help.
    for (const auto feature : {Feature::comment, Feature::comment_names}) {
      auto& weight = own.of[static_cast<std::size_t>(feature)];
      weight = std::max(weight, static_cast<float>(own_prior.at(feature)));
    }
    return own;
  }

  // The sum of a pair's own features as one feature, put in the first place, and the standing. So a
  // pair's own evidence keeps its proportions.
  matching::Weights fit_full(const matching::Weights& own) {
    std::vector<std::size_t> used{0};
    for (std::size_t feature = own_feature_count; feature < feature_count; ++feature) {
      used.push_back(feature);
    }
    std::map<std::size_t, Pull> pulls{{0, {own_factor, own_factor_strength, 0}}};
    for (const auto& [feature, goal] : standing_prior) {
      used.push_back(static_cast<std::size_t>(feature));
      pulls[static_cast<std::size_t>(feature)] = {goal, standing_prior_strength, least_of_prior};
    }
    std::vector<LinearSample> samples;
    std::size_t count = 0;
    each_sample([&](const auto&, const auto&, bool) { ++count; });
    std::vector<matching::Features> stacked;
    stacked.reserve(count);
    each_sample([&](const Pairing& pairing, const matching::ScoredPair& pair, bool right) {
      auto& features = stacked.emplace_back(*pair.features);
      features[0] = matching::log_odds(features, own, own_feature_count);
      samples.push_back({&features, pairing.weight, right});
    });
    auto full = fit_weights(samples, std::move(used), pulls);
    const float scale = full.of[0];
    for (std::size_t feature = 0; feature < own_feature_count; ++feature) {
      const bool again = standing_prior.contains(static_cast<Feature>(feature));
      full.of[feature] = scale * own.of[feature] + (again ? full.of[feature] : 0.0F);
    }
    const auto convention = static_cast<std::size_t>(Feature::convention);
    full.of[convention] =
        scale * own.of[convention] + static_cast<float>(standing_prior.at(Feature::convention));
    full.constant += scale * own.constant + static_cast<float>(decision_offset);
    return full;
  }

  std::vector<Pairing*> all_;
};

}  // namespace

Combination TrainingSet::train(std::string_view suite_left_out, std::string_view family_left_out,
                               std::stop_token stop) {
  std::vector<Pairing*> kept;
  for (auto& pairing : pairings_) {
    if ((suite_left_out.empty() || pairing.suite != suite_left_out) &&
        (family_left_out.empty() || pairing.family != family_left_out)) {
      kept.push_back(&pairing);
    }
  }
  if (kept.empty()) {
    throw Error{ErrorCode::invalid_data, "nothing is left to learn from",
                "--leave-out needs a folder with suites of at least two families"};
  }
  if (stop.stop_requested()) {
    throw Error{ErrorCode::cancelled, "training was cancelled"};
  }
  return Training<Pairing>{std::move(kept)}.run();
}

}  // namespace mapctl::eval
