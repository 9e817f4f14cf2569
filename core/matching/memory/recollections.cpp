// SPDX-License-Identifier: Apache-2.0
#include "core/matching/memory/recollections.hpp"

#include "core/matching/memory/memory.hpp"
#include "core/matching/scoring/scorer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace mapctl::matching {
namespace {

using mapping::Decision;
using mapping::Ruling;
using mapping::Verdict;

// Log-odds of what was decided for the very field. What was ruled out is still shown, with the
// reason.
constexpr float certain = 6;
constexpr float ruled_out = -3.5F;
// A pair that the matcher did not even look at.
constexpr float unlikely = -4;
// Another target of a field whose target was decided.
constexpr float most_beside_settled = -1;
// Past decisions disagree: below any threshold from which proposals pass without a reviewer.
constexpr float most_contested = 1.5F;
// What memory says of a pair that no decision is about.
constexpr float silent = -1;
constexpr float least_cited = 0.6F;   // similarity
constexpr float least_weight = 0.1F;  // or weight

std::string day_of(const std::string& time) {
  return time.substr(0, std::min(time.find('T'), time.size()));
}

std::string title_of(const Decision& decision) {
  return fmt::format("'{}: {}.{}'", decision.key.connector.text, decision.key.source_table.text,
                     decision.key.source_field.text);
}

// "approved by ana on 2026-03-02 (version 3)"
std::string words_of(const Ruling& ruling) {
  std::string text = ruling.verdict == Verdict::not_used ? "decided as not used"
                                                         : std::string{to_string(ruling.verdict)};
  if (!ruling.by.empty()) {
    text += " by " + ruling.by;
  }
  if (!ruling.at.empty()) {
    text += " on " + day_of(ruling.at);
  }
  if (ruling.version > 0) {
    text += fmt::format(" (version {})", ruling.version);
  }
  return text;
}

std::string with_reversal(const Decision& decision) {
  std::string text = words_of(decision.ruling);
  if (decision.reversed) {
    text += ", which took back: " + words_of(*decision.reversed);
  }
  return text;
}

std::string approval(const Memory& memory, const Recollection& found) {
  const Decision& decision = memory.decision(found.approved);
  if (found.settled) {
    return "this very field was so " + with_reversal(decision);
  }
  const std::size_t others = found.systems > 1 ? found.systems - 1 : 0;
  const std::string more = others == 0   ? std::string{}
                           : others == 1 ? std::string{", like a field of one more system"}
                                         : fmt::format(", like fields of {} more systems", others);
  return memory.is_shared(found.approved)
             ? fmt::format("by the shared baseline {} is '{}'{}", title_of(decision),
                           decision.key.field.text, more)
             : fmt::format("{} was so {}{}", title_of(decision), with_reversal(decision), more);
}

std::string refusal(const Memory& memory, const Recollection& found) {
  const Decision& decision = memory.decision(found.rejected);
  return found.settled
             ? "for this very field it was " + with_reversal(decision)
             : fmt::format("for {} it was {}", title_of(decision), with_reversal(decision));
}

// Fitted by logistic regression over saas_unified and saas_staging, each system left out of the
// memory that meets it; `mapctl eval --progressive` measures them. Where the tables are given,
// their names say nothing more.
struct RecallWeights {
  float constant, similarity, nearness, same_name, share, systems, context, kinship;
  float bearing_constant, bearing, bearing_nearness, bearing_kinship;  // without any approval
};
constexpr RecallWeights across_tables{-14.0F, 0.8F, 2.25F, 0.35F, 4.3F, 0.6F,
                                      5.35F,  5.6F, -6.5F, 1.4F,  1.7F, 2.8F};
constexpr RecallWeights of_one_pair{-3.0F, 0.85F, 1.35F, 1.3F, 5.4F, 0.8F,
                                    0.0F,  0.0F,  -3.4F, 1.5F, 1.8F, 0.0F};
// A rejection for a field with that name; the suites have none, so this is chosen.
constexpr float refusal_weight = -10;
constexpr float least_refusal = 0.5F;

float fourth(float value) noexcept {
  return value * value * value * value;
}

float refused(const Recollection& found) noexcept {
  return refusal_weight * std::max(0.0F, found.against - least_refusal);
}

float sum_of(const Recollection& found) noexcept {
  const RecallWeights& w = found.one_pair ? of_one_pair : across_tables;
  if (found.approved == Recollection::none) {
    return w.bearing_constant + w.bearing * found.bearing +
           w.bearing_nearness * fourth(found.bearing) + w.bearing_kinship * found.kinship +
           refused(found);
  }
  return w.constant + w.similarity * found.similarity + w.nearness * fourth(found.similarity) +
         (found.same_name ? w.same_name : 0.0F) + w.share * found.share +
         w.systems * std::log1p(static_cast<float>(found.systems)) + w.context * found.context +
         w.kinship * found.kinship + refused(found);
}

// What the decisions add to the log-odds that the matcher gives a pair; `elsewhere` is what memory
// gives the best other target. Decisions about other fields never speak against a pair by being
// unlike: a tenant that has decided little is not to be punished for it.
float added(const Recollection& found, float score, float elsewhere) noexcept {
  if (found.settled) {
    // An approval never makes a pair less likely, a refusal never likelier.
    return found.approved != Recollection::none ? std::max(certain - score, least_weight)
                                                : std::min(ruled_out - score, -least_weight);
  }
  const float raise = found.one_pair ? 1.6F : 1.5F;
  const float of_memory = found.one_pair ? 0.55F : 0.9F;
  constexpr float of_likely = 0.22F;
  const float of_elsewhere = found.one_pair ? -0.27F : -0.4F;
  float sum = of_elsewhere * std::max(0.0F, elsewhere + 1) + refused(found);
  if (found.approved != Recollection::none) {
    sum += std::max(
        0.0F, raise + of_memory * found.log_odds + of_likely * std::max(0.0F, found.log_odds));
  }
  if (found.rival != Recollection::none) {
    sum = std::min(sum, most_contested - score);
  }
  return sum;
}

// A source column with what is remembered of it, and its pairs at the end of `all`.
class WeighedRow {
 public:
  WeighedRow(std::uint32_t source, std::span<Recollection> recalled,
             std::span<const ScoredPair> scored, std::vector<ScoredPair>& all)
      : source_{source},
        recalled_{recalled},
        all_{all},
        first_{all.size()},
        of_unknown_{scored.empty() ? unlikely : std::min(unlikely, scored.back().score)} {
    all_.insert(all_.end(), scored.begin(), scored.end());
    for (const Recollection& one : recalled_) {
      if (one.approved == Recollection::none) {
        continue;
      }
      is_settled_ = is_settled_ || one.settled;
      if (best_ == nullptr || one.log_odds > best_->log_odds) {
        second_ = std::exchange(best_, &one);
      } else if (second_ == nullptr || one.log_odds > second_->log_odds) {
        second_ = &one;
      }
    }
  }

  // A pair that only memory knows joins, where memory finds it likely.
  void count_decisions(Features* none) {
    for (Recollection& one : recalled_) {
      ScoredPair* pair = find_pair(one.target);
      if (pair == nullptr) {
        if (one.approved == Recollection::none || one.log_odds <= 0) {
          continue;
        }
        pair = &all_.emplace_back();
        pair->source = source_;
        pair->target = one.target;
        pair->own = unlikely;
        pair->features = none;
        pair->score = of_unknown_;
      }
      const Recollection* rival = best_ != nullptr && best_->target == one.target ? second_ : best_;
      one.weight = added(one, pair->score, rival == nullptr ? silent : rival->log_odds);
      pair->score += one.weight;
    }
  }

  // What no decision is about, beside a target that memory favours.
  void lower_the_others() {
    if (best_ == nullptr || best_->log_odds <= silent) {
      return;
    }
    for (ScoredPair& pair : pairs()) {
      if (find_recollection(pair.target) == nullptr) {
        Recollection other;
        other.one_pair = best_->one_pair;
        pair.score += added(other, pair.score, best_->log_odds);
      }
    }
  }

  // A field whose targets were decided has them; another one is for a person to add.
  void keep_what_is_settled() {
    if (!is_settled_) {
      return;
    }
    for (ScoredPair& pair : pairs()) {
      const Recollection* one = find_recollection(pair.target);
      if (one == nullptr || !one->settled) {
        pair.score = std::min(pair.score, most_beside_settled);
      }
    }
  }

  void rule_out() {
    for (ScoredPair& pair : pairs()) {
      pair.score = std::min(pair.score, ruled_out);
    }
  }

 private:
  std::span<ScoredPair> pairs() const noexcept { return std::span{all_}.subspan(first_); }

  ScoredPair* find_pair(std::uint32_t target) const noexcept {
    const auto row = pairs();
    const auto found = std::find_if(row.begin(), row.end(),
                                    [&](const ScoredPair& pair) { return pair.target == target; });
    return found == row.end() ? nullptr : &*found;
  }

  const Recollection* find_recollection(std::uint32_t target) const noexcept {
    const auto found = std::lower_bound(
        recalled_.begin(), recalled_.end(), target,
        [](const Recollection& one, std::uint32_t wanted) { return one.target < wanted; });
    return found == recalled_.end() || found->target != target ? nullptr : &*found;
  }

  std::uint32_t source_;
  std::span<Recollection> recalled_;  // by target
  std::vector<ScoredPair>& all_;
  std::size_t first_;
  float of_unknown_;
  const Recollection* best_ = nullptr;  // of those with an approval
  const Recollection* second_ = nullptr;
  bool is_settled_ = false;
};

}  // namespace

float recalled_log_odds(const Recollection& found) noexcept {
  if (found.settled) {
    return found.approved != Recollection::none ? certain : ruled_out;
  }
  return sum_of(found);
}

std::span<const Recollection> Recollections::of_source(std::uint32_t source) const noexcept {
  const auto [first, last] = std::equal_range(
      found_.begin(), found_.end(), Recollection{source},
      [](const Recollection& a, const Recollection& b) { return a.source < b.source; });
  return {first, last};
}

const Recollection* Recollections::find(std::uint32_t source, std::uint32_t target) const noexcept {
  for (const Recollection& one : of_source(source)) {
    if (one.target == target) {
      return &one;
    }
  }
  return nullptr;
}

void Recollections::weigh(ScoreTable& scores) {
  if (empty()) {
    return;
  }
  std::vector<ScoredPair> pairs;
  pairs.reserve(scores.pairs.size());
  const auto rows = static_cast<std::uint32_t>(scores.begin.size() - 1);
  auto unused = unused_.begin();
  auto recalled = found_.begin();
  for (std::uint32_t source = 0; source < rows; ++source) {
    const auto first = recalled;
    recalled = std::find_if(first, found_.end(),
                            [&](const Recollection& one) { return one.source != source; });
    const std::size_t begin = pairs.size();
    WeighedRow row{source, {first, recalled}, scores.of_source(source), pairs};
    row.count_decisions(scores.no_features());
    row.lower_the_others();
    row.keep_what_is_settled();
    if (unused != unused_.end() && unused->first == source) {
      row.rule_out();
      ++unused;
    }
    scores.begin[source] = static_cast<std::uint32_t>(begin);
  }
  scores.begin[rows] = static_cast<std::uint32_t>(pairs.size());
  scores.pairs = std::move(pairs);
  scores.sort_rows();
}

std::vector<mapping::Evidence> Recollections::evidence(const Memory& memory, std::uint32_t source,
                                                       std::uint32_t target) const {
  std::vector<mapping::Evidence> result;
  for (const auto& [column, number] : unused_) {
    if (column == source) {
      result.push_back({memory_signal, 0.0, static_cast<double>(ruled_out),
                        "this very field was " + words_of(memory.decision(number).ruling)});
    }
  }
  const Recollection* found = find(source, target);
  if (found == nullptr) {
    return result;
  }
  const auto weight = static_cast<double>(found->weight);
  const bool cites_refusal = found->rejected != Recollection::none && found->against >= least_cited;
  const bool disputed = found->rival != Recollection::none;
  // What decisions weigh together is told of those that outweigh the others: an approval never
  // speaks against its mapping where something else does.
  const bool against = weight < 0 && (cites_refusal || disputed);
  if (found->approved != Recollection::none &&
      (found->similarity >= least_cited || std::fabs(found->weight) >= least_weight)) {
    result.push_back({memory_signal, static_cast<double>(found->similarity), against ? 0.0 : weight,
                      approval(memory, *found)});
  }
  if (cites_refusal) {
    result.push_back({memory_signal, static_cast<double>(1 - found->against),
                      found->approved == Recollection::none || against ? weight : 0.0,
                      refusal(memory, *found)});
  }
  if (disputed) {
    result.push_back({conflict_signal, 0.0, against && !cites_refusal ? weight : 0.0,
                      conflict(memory, source, target)});
  }
  return result;
}

std::string Recollections::conflict(const Memory& memory, std::uint32_t source,
                                    std::uint32_t target) const {
  const Recollection* found = find(source, target);
  if (found == nullptr || found->rival == Recollection::none ||
      found->approved == Recollection::none) {
    return {};
  }
  const auto told = [&](std::uint32_t number) {
    const Decision& decision = memory.decision(number);
    return fmt::format("{} as '{}' was {}", title_of(decision), decision.key.field.text,
                       words_of(decision.ruling));
  };
  return fmt::format("past decisions disagree: {}; {}", told(found->approved), told(found->rival));
}

}  // namespace mapctl::matching
