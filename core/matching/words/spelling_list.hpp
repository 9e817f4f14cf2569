// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mapctl::matching {

// A constant list of words with what they stand for, found by their spelling: of a word that is not
// in it, as most are, hardly any is compared. Words are ASCII, not empty, and in ascending order.
template <class Entry, std::size_t count>
class SpellingList {
  static_assert(count < 256);

 public:
  constexpr SpellingList(const std::array<Entry, count>& entries, std::string_view Entry::*spelling)
      : entries_{entries}, spelling_{spelling} {
    for (const Entry& entry : entries_) {
      ++begin_[first_of(entry.*spelling_) + 1];
    }
    for (std::size_t first = 0; first + 1 < begin_.size(); ++first) {
      begin_[first + 1] = static_cast<std::uint8_t>(begin_[first + 1] + begin_[first]);
    }
  }

  constexpr const Entry* find(std::string_view text) const noexcept {
    if (text.empty() || first_of(text) >= firsts) {
      return nullptr;
    }
    for (std::size_t at = begin_[first_of(text)]; at < begin_[first_of(text) + 1]; ++at) {
      if (entries_[at].*spelling_ == text) {
        return &entries_[at];
      }
    }
    return nullptr;
  }

 private:
  static constexpr std::size_t firsts = 128;
  static constexpr std::size_t first_of(std::string_view text) noexcept {
    return static_cast<unsigned char>(text.front());
  }

  std::array<Entry, count> entries_;
  std::string_view Entry::*spelling_;
  std::array<std::uint8_t, firsts + 1> begin_{};  // of the entries with a first letter
};

}  // namespace mapctl::matching
