// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/catalog/code_lists.hpp"
#include "core/matching/rules/composite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

// What targets that need a value and have no source are filled with.
namespace mapctl::matching {
namespace {

using mapping::TransformationKind;

constexpr std::array<std::string_view, 27> codes_in_names{
    "aed", "aud", "brl", "cad", "chf", "cny", "czk", "dkk", "eur",
    "gbp", "hkd", "huf", "idr", "ils", "inr", "jpy", "krw", "mxn",
    "nok", "nzd", "pln", "sar", "sek", "sgd", "thb", "usd", "zar"};

struct NamedCurrency {
  std::string code{};
  std::string column{};
  bool several = false;
};

// The currency that the names or units of the source's amounts tell, if they tell one.
NamedCurrency named_currency(const Side& source) {
  NamedCurrency found;
  const auto take = [&](const ColumnFeatures& column, std::string_view text) {
    std::string code = to_upper(text);
    if (found.code.empty()) {
      found.code = std::move(code);
      found.column = column.column->name.text;
    } else {
      found.several |= found.code != code;
    }
  };
  for (const ColumnFeatures& column : source.columns) {
    if (!catalog::is_number(column.column->type.logical)) {
      continue;
    }
    if (catalog::in_code_list("iso4217", column.column->unit)) {
      take(column, column.column->unit);
      continue;
    }
    for (const auto term : source.list(column.raw)) {
      const auto text = source.terms[term].text;
      if (is_currency_in_names(text)) {
        take(column, text);
      }
    }
  }
  return found;
}

mapping::Transformation constant_of(const std::string& value) {
  mapping::Transformation result;
  result.steps.push_back(step_of(TransformationKind::constant, {{"value", value}}));
  return result;
}

}  // namespace

bool is_currency_in_names(std::string_view word) noexcept {
  return word.size() == 3 && std::binary_search(codes_in_names.begin(), codes_in_names.end(), word);
}

void add_constants(Composer& composer) {
  const auto& parts = composer.target_parts();
  for (std::uint32_t target = 0; target < composer.target().columns.size(); ++target) {
    const catalog::Column& column = composer.target_column(target);
    if (!composer.is_free(target) || !(column.required || parts[target].part == Part::currency)) {
      continue;
    }
    if (column.required && column.allowed_values.size() == 1) {
      composer.propose_constant({target, constant_of(column.allowed_values.front()),
                                 confidence_of_form,
                                 fmt::format("'{}' is required and takes '{}' only",
                                             column.name.text, column.allowed_values.front())});
    } else if (parts[target].part == Part::currency && (column.required || column.default_value)) {
      const auto named = named_currency(composer.source());
      const bool allowed = column.allowed_values.empty() ||
                           std::find(column.allowed_values.begin(), column.allowed_values.end(),
                                     named.code) != column.allowed_values.end();
      if (!named.code.empty() && !named.several && allowed && column.default_value != named.code) {
        composer.propose_constant({target, constant_of(named.code), confidence_of_form,
                                   fmt::format("no column has the currency, and '{}' is in {}",
                                               named.column, named.code)});
      }
    }
  }
}

}  // namespace mapctl::matching
