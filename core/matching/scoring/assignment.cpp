// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/assignment.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <utility>

namespace mapctl::matching {
namespace {

constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
constexpr double unreached = std::numeric_limits<double>::infinity();

class Assignment {
 public:
  Assignment(std::size_t sources, std::size_t targets, std::span<const Edge> edges)
      : edges_{edges},
        begin_(sources + 1, 0),
        by_source_(edges.size()),
        chosen_(sources, none),
        source_price_(sources, 0),
        owner_(targets, none),
        target_price_(targets, 0),
        distance_(targets, unreached),
        reached_by_(targets, none),
        is_settled_(targets, false) {
    for (const auto& edge : edges) {
      greatest_ = std::max(greatest_, edge.gain);
      ++begin_[edge.source + 1];
    }
    for (std::size_t at = 0; at < sources; ++at) {
      begin_[at + 1] += begin_[at];
    }
    auto place = begin_;
    for (std::uint32_t number = 0; number < edges.size(); ++number) {
      by_source_[place[edges[number].source]++] = number;
    }
  }

  std::vector<std::optional<std::size_t>> run() {
    for (std::uint32_t source = 0; source < chosen_.size(); ++source) {
      if (begin_[source] != begin_[source + 1]) {
        augment(source);
      }
    }
    std::vector<std::optional<std::size_t>> result(chosen_.size());
    for (std::size_t source = 0; source < chosen_.size(); ++source) {
      if (chosen_[source] != none) {
        result[source] = chosen_[source];
      }
    }
    return result;
  }

 private:
  // Costs are `greatest_ - gain`, and each source has a private "no match" of cost `greatest_`.
  void augment(std::uint32_t start) {
    queue_.clear();
    touched_.clear();
    settled_.clear();
    double no_match = unreached;
    std::uint32_t giving_up = none;
    const auto visit = [&](std::uint32_t source, double before) {
      const double base = before - source_price_[source];
      if (base + greatest_ < no_match) {
        no_match = base + greatest_;
        giving_up = source;
      }
      for (auto at = begin_[source]; at < begin_[source + 1]; ++at) {
        const auto number = by_source_[at];
        const auto target = edges_[number].target;
        const double length = base + (greatest_ - edges_[number].gain) - target_price_[target];
        if (length < distance_[target] && !is_settled_[target]) {
          if (distance_[target] == unreached) {
            touched_.push_back(target);
          }
          distance_[target] = length;
          reached_by_[target] = number;
          queue_.emplace_back(length, target);
        }
      }
    };
    visit(start, 0);
    std::uint32_t end = none;
    // Mostly the nearest target is free, and nothing has to be kept in order.
    const auto nearest = std::min_element(queue_.begin(), queue_.end());
    if (nearest->first < no_match && owner_[nearest->second] == none) {
      end = nearest->second;
    } else {
      std::make_heap(queue_.begin(), queue_.end(), std::greater<>{});
    }
    while (end == none && !queue_.empty() && queue_.front().first < no_match) {
      const auto [length, target] = queue_.front();
      std::pop_heap(queue_.begin(), queue_.end(), std::greater<>{});
      queue_.pop_back();
      if (is_settled_[target]) {
        continue;
      }
      if (owner_[target] == none) {
        end = target;
        break;
      }
      is_settled_[target] = true;
      settled_.push_back(target);
      const std::size_t before = queue_.size();
      visit(owner_[target], length);
      for (std::size_t size = before + 1; size <= queue_.size(); ++size) {
        std::push_heap(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(size),
                       std::greater<>{});
      }
    }
    const double total = end != none ? distance_[end] : no_match;
    source_price_[start] += total;
    for (const auto target : settled_) {
      source_price_[owner_[target]] += total - distance_[target];
      target_price_[target] -= total - distance_[target];
    }
    std::uint32_t free_target = end;
    if (end == none) {
      free_target = chosen_[giving_up] == none ? none : edges_[chosen_[giving_up]].target;
      chosen_[giving_up] = none;
    }
    // Walk back to `start`: every target on the way goes to the source that reached it.
    while (free_target != none) {
      const auto number = reached_by_[free_target];
      const auto source = edges_[number].source;
      const auto given_up = chosen_[source];
      chosen_[source] = number;
      owner_[free_target] = source;
      free_target = source == start || given_up == none ? none : edges_[given_up].target;
    }
    for (const auto target : touched_) {
      distance_[target] = unreached;
      reached_by_[target] = none;
      is_settled_[target] = false;
    }
  }

  std::span<const Edge> edges_;
  std::vector<std::uint32_t> begin_, by_source_;
  std::vector<std::uint32_t> chosen_;  // edge of a source
  std::vector<double> source_price_;
  std::vector<std::uint32_t> owner_;  // source of a target
  std::vector<double> target_price_;
  std::vector<double> distance_;
  std::vector<std::uint32_t> reached_by_;  // edge
  std::vector<bool> is_settled_;           // rounding must not open one again
  double greatest_ = 0;
  // Of one search; kept for their room.
  std::vector<std::pair<double, std::uint32_t>> queue_;  // a heap, the nearest first
  std::vector<std::uint32_t> touched_, settled_;
};

}  // namespace

std::vector<std::optional<std::size_t>> assign_one_to_one(std::size_t sources, std::size_t targets,
                                                          std::span<const Edge> edges) {
  return Assignment{sources, targets, edges}.run();
}

}  // namespace mapctl::matching
