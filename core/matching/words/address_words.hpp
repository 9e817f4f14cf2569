// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace mapctl::matching {

// Which part of an address a name means. Where the words of a name mean several, the greatest
// counts: the code of a country's post is a postcode.
enum class AddressPart : std::uint8_t {
  none,
  street,
  region,
  city,
  country,
  longitude,
  latitude,
  postcode,
};

struct AddressWord {
  std::string_view text{};
  AddressPart part = AddressPart::none;
  // Its part as an address is written; the others stand beside it at times, as a county does beside
  // a state.
  bool written = true;
};
// Null for a word that means no part. Words are as the tokenizer leaves them.
const AddressWord* find_address_word(std::string_view word) noexcept;
AddressPart address_part_of(std::string_view word) noexcept;

}  // namespace mapctl::matching
