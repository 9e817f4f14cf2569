// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace mapctl::matching {

// Words by their consonants: somebody who saved letters dropped vowels, and no list has all such
// names. "albm" is an album, "cnsgne" a consignee. Immutable once filled, and then safe to use from
// several threads; the words must outlive it.
class VowelFreeWords {
 public:
  // `number` is not 0. Words of few letters or of other signs are passed over.
  void add(std::string_view word, std::uint32_t number);
  // Letters with a vowel inside were not shortened so.
  static bool may_be_one(std::string_view letters) noexcept;
  // The number of the one word that may be meant; 0 where there is none, or several that are no
  // forms of each other.
  std::uint32_t find(std::string_view letters) const noexcept;

 private:
  struct Entry {
    std::uint64_t consonants = 0;  // a hash
    std::string_view word{};
    std::uint32_t number = 0;
    std::uint32_t next = 0;  // in its slot; 0 ends the list
  };
  std::vector<std::uint32_t> slots_;
  std::vector<Entry> entries_;  // [0] is not used
};

}  // namespace mapctl::matching
