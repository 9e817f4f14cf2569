// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/matching/rules/composite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

// Signs of currencies in amounts.
namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::Transformation;
using mapping::TransformationKind;

struct CurrencySign {
  std::string_view sign{}, code{};
};
constexpr std::array currency_signs{CurrencySign{"$", "USD"}, CurrencySign{"€", "EUR"},
                                    CurrencySign{"£", "GBP"}, CurrencySign{"₹", "INR"}};

// The codes of the signs that are there; nothing unless all values begin with one: "€12.50".
std::vector<std::pair<std::string, std::string>> signs_of(const Column& column) {
  std::vector<std::pair<std::string, std::string>> codes;
  if (!column.statistics || column.personal || !catalog::is_text(column.type.logical)) {
    return codes;
  }
  for (const auto& value : column.statistics->first_rows) {
    const auto text = trim(value);
    if (text.empty()) {
      continue;
    }
    const auto* const found =
        std::find_if(currency_signs.begin(), currency_signs.end(),
                     [&](const CurrencySign& known) { return text.starts_with(known.sign); });
    if (found == currency_signs.end()) {
      return {};
    }
    std::pair<std::string, std::string> code{found->sign, found->code};
    if (std::find(codes.begin(), codes.end(), code) == codes.end()) {
      codes.push_back(std::move(code));
    }
  }
  std::sort(codes.begin(), codes.end());
  return codes;
}

// The amount is read without its sign as it is; the sign is its currency.
void take_sign(Composer& composer, std::uint32_t source, std::uint32_t currency) {
  auto codes = signs_of(composer.source_column(source));
  const Column& to = composer.target_column(currency);
  const bool refused = std::any_of(codes.begin(), codes.end(), [&](const auto& code) {
    const auto known = to.statistics
                           ? catalog::holds_value(*to.statistics, catalog::value_hash(code.second))
                           : std::nullopt;
    return known && !*known;
  });
  if (codes.empty() || refused || !composer.is_free(currency)) {
    return;
  }
  const std::string reason =
      fmt::format("the amounts in '{}' begin with the sign of their currency",
                  composer.source_column(source).name.text);
  Transformation code;
  code.steps.push_back(step_of(TransformationKind::truncate, {{"length", "1"}}));
  code.steps.push_back(step_of(TransformationKind::code_map, std::move(codes)));
  composer.propose(source, {currency, std::move(code), confidence_of_form, reason});
}

}  // namespace

void compose_signs(Composer& composer) {
  const auto& currencies = composer.target_parts().of(Part::currency);
  const auto& from = composer.source_parts();
  if (!composer.uses_data() || currencies.size() != 1 || from.has(Part::currency)) {
    return;
  }
  for (const Part part : {Part::amount, Part::unit_price, Part::line_total}) {
    for (const auto source : from.of(part)) {
      take_sign(composer, source, currencies.front());
    }
  }
}

}  // namespace mapctl::matching
