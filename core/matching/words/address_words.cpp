// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/address_words.hpp"

#include "core/matching/words/spelling_list.hpp"

#include <array>

namespace mapctl::matching {
namespace {

// Sorted by text.
constexpr std::array address_words{
    AddressWord{"canton", AddressPart::region, false},
    AddressWord{"city", AddressPart::city},
    AddressWord{"country", AddressPart::country},
    AddressWord{"county", AddressPart::region, false},
    AddressWord{"district", AddressPart::region, false},
    AddressWord{"latitude", AddressPart::latitude},
    AddressWord{"longitude", AddressPart::longitude},
    AddressWord{"municipality", AddressPart::city, false},
    AddressWord{"nation", AddressPart::country},
    AddressWord{"postal", AddressPart::postcode},
    AddressWord{"postcode", AddressPart::postcode},
    AddressWord{"province", AddressPart::region},
    AddressWord{"region", AddressPart::region},
    AddressWord{"state", AddressPart::region, false},  // or a status
    AddressWord{"street", AddressPart::street},
    AddressWord{"suburb", AddressPart::city, false},
    AddressWord{"town", AddressPart::city},
    AddressWord{"zip", AddressPart::postcode},
};
constexpr SpellingList known{address_words, &AddressWord::text};

}  // namespace

const AddressWord* find_address_word(std::string_view word) noexcept {
  return known.find(word);
}

AddressPart address_part_of(std::string_view word) noexcept {
  const auto* const found = known.find(word);
  return found == nullptr ? AddressPart::none : found->part;
}

}  // namespace mapctl::matching
