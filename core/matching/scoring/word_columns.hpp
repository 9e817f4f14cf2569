// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>
#include <vector>

namespace mapctl::matching {

// Which columns of a side have a word in their name or its phrases: by word.
class ColumnsOfWords {
 public:
  explicit ColumnsOfWords(const Side& side) : begin_(side.terms.size() + 1, 0) {
    each_use(side, [&](std::uint32_t term, std::uint32_t) { ++begin_[term + 1]; });
    std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
    columns_.resize(begin_.back());
    auto place = begin_;
    each_use(side,
             [&](std::uint32_t term, std::uint32_t column) { columns_[place[term]++] = column; });
  }
  std::span<const std::uint32_t> of(std::size_t term) const noexcept {
    return {columns_.data() + begin_[term], begin_[term + 1] - begin_[term]};
  }

 private:
  template <class Take>
  static void each_use(const Side& side, Take take) {
    for (std::uint32_t number = 0; number < side.columns.size(); ++number) {
      const auto& column = side.columns[number];
      for (const auto* words : {&column.expanded, &column.phrases}) {
        for (const auto term : side.list(*words)) {
          take(term, number);
        }
      }
    }
  }

  std::vector<std::uint32_t> begin_, columns_;
};

// Calls `take` with the place of every byte that is not 0; most are.
template <class Take>
void each_set(std::span<const std::uint8_t> bytes, Take take) {
  std::size_t at = 0;
  for (std::uint64_t several = 0; at + sizeof several <= bytes.size(); at += sizeof several) {
    std::memcpy(&several, bytes.data() + at, sizeof several);
    if (several != 0) {
      for (std::size_t one = at; one < at + sizeof several; ++one) {
        if (bytes[one] != 0) {
          take(one);
        }
      }
    }
  }
  for (; at < bytes.size(); ++at) {
    if (bytes[at] != 0) {
      take(at);
    }
  }
}

}  // namespace mapctl::matching
