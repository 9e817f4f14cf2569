// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/catalog/code_lists.hpp"
#include "core/matching/rules/composite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

// Amounts with their currency, and what is computed of several columns.
namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::Transformation;
using mapping::TransformationKind;

constexpr std::array<std::string_view, 5> money_signs{"$", "€", "£", "¥", "₹"};
constexpr double number_share = 0.8;
// Of the computed values that must lie where the target's do.
constexpr double least_in_range = 0.7;

// "12.50 EUR" and "EUR 12.50".
enum class PriceForm : std::uint8_t { none, amount_first, currency_first };

struct Price {
  PriceForm form = PriceForm::none;
  std::string_view amount{}, currency{};
};

bool is_currency(std::string_view text) noexcept {
  return text.size() == 3 && catalog::in_code_list("iso4217", text);
}

bool is_amount(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == ',' || c == '-';
  }) && text.find_first_of("0123456789") != text.npos;
}

Price price_in(std::string_view text) noexcept {
  text = trim(text);
  const auto space = text.find(' ');
  if (space == text.npos) {
    return {};
  }
  const auto left = text.substr(0, space);
  const auto right = trim(text.substr(space));
  if (is_amount(left) && is_currency(right)) {
    return {PriceForm::amount_first, left, right};
  }
  if (is_currency(left) && is_amount(right)) {
    return {PriceForm::currency_first, right, left};
  }
  return {};
}

struct Prices {
  PriceForm form = PriceForm::none;
  std::size_t values = 0, formed = 0;
  bool decimal_comma = false;
  std::vector<std::vector<std::uint64_t>> rows{};  // amount, currency
};

// The form that nearly all values have.
Prices prices_of(const Column& column) {
  Prices prices;
  if (!column.statistics || column.personal) {
    return prices;
  }
  std::size_t currency_first = 0;
  for (const auto& value : column.statistics->first_rows) {
    prices.values += trim(value).empty() ? 0 : 1;
    const Price price = price_in(value);
    if (price.form == PriceForm::none) {
      continue;
    }
    ++prices.formed;
    currency_first += price.form == PriceForm::currency_first ? 1 : 0;
    const auto mark = price.amount.find_last_of(",.");
    prices.decimal_comma |=
        mark != price.amount.npos && price.amount[mark] == ',' && price.amount.size() - mark <= 3;
    prices.rows.push_back({catalog::value_hash(price.amount), catalog::value_hash(price.currency)});
  }
  const bool one_order = currency_first == 0 || currency_first == prices.formed;
  if (one_order && prices.values >= Tally::fewest &&
      static_cast<double>(prices.formed) >= number_share * static_cast<double>(prices.values)) {
    prices.form = currency_first > 0 ? PriceForm::currency_first : PriceForm::amount_first;
  }
  return prices;
}

void split_price(Composer& composer, std::uint32_t source) {
  const Column& column = composer.source_column(source);
  const Prices prices = prices_of(column);
  if (prices.form == PriceForm::none) {
    return;
  }
  const auto& subject = composer.source_parts()[source].subject;
  auto currency = composer.find_target(Part::currency, subject);
  if (const auto& all = composer.target_parts().of(Part::currency); !currency && all.size() == 1) {
    currency = all.front();
  }
  // The amount is what was matched, or a column of the same name.
  std::optional<std::uint32_t> amount;
  for (const Part part : {Part::amount, Part::unit_price, Part::line_total}) {
    for (const auto target : composer.target_parts().of(part)) {
      amount = composer.source_of(target) == source ? target : amount;
    }
  }
  if (!amount) {
    amount = composer.find_target(composer.source_parts()[source].part, subject);
  }
  if (!currency || !amount || *amount == *currency || !composer.is_open_to(*amount, source) ||
      !composer.is_open_to(*currency, source) ||
      !catalog::is_number(composer.target_column(*amount).type.logical)) {
    return;
  }
  const std::array<const Column*, 2> parts{nullptr, &composer.target_column(*currency)};
  const RuleVerdict verdict = verdict_of(parts_found(prices.rows, parts), confidence_of_form);
  const std::string reason =
      fmt::format("amounts with their currency in '{}'; {} of {} sampled values are so",
                  column.name.text, prices.formed, prices.values) +
      verdict.words;
  const bool amount_first = prices.form == PriceForm::amount_first;
  const auto part = [](bool first) { return std::string{first ? "first" : "last"}; };
  Transformation number;
  number.steps.push_back(
      step_of(TransformationKind::split, {{"separator", " "}, {"part", part(amount_first)}}));
  number.steps.push_back(
      step_of(TransformationKind::parse_number, {{"decimal", prices.decimal_comma ? "," : "."}}));
  Transformation code;
  code.steps.push_back(
      step_of(TransformationKind::split, {{"separator", " "}, {"part", part(!amount_first)}}));
  composer.propose(source, {*amount, std::move(number), verdict.confidence, reason});
  composer.propose(source, {*currency, std::move(code), verdict.confidence, reason});
}

void join_price(Composer& composer, std::uint32_t target) {
  const Column& column = composer.target_column(target);
  const auto& subject = composer.target_parts()[target].subject;
  const auto amount = composer.find_source(composer.target_parts()[target].part, subject);
  const auto currency = composer.find_source(Part::currency, subject);
  if (!catalog::is_text(column.type.logical) || !amount || !currency ||
      !composer.is_open_to(target, *amount)) {
    return;
  }
  const Prices prices = prices_of(column);
  if (prices.form == PriceForm::none) {
    return;
  }
  const Column& from = composer.source_column(*amount);
  const Column& code = composer.source_column(*currency);
  Transformation both;
  both.inputs = {from.name.text, code.name.text};
  const bool amount_first = prices.form == PriceForm::amount_first;
  if (!amount_first) {
    std::swap(both.inputs[0], both.inputs[1]);
  }
  both.steps.push_back(step_of(TransformationKind::join, {{"separator", " "}}));
  const std::array<const Column*, 2> parts{&from, &code};
  const RuleVerdict verdict = verdict_of(parts_found(prices.rows, parts), confidence_of_form);
  composer.propose(
      amount_first ? *amount : *currency,
      {target, std::move(both), verdict.confidence,
       fmt::format("'{}' holds amounts with their currency, {} of {} sampled values; '{}' and '{}' "
                   "are its parts",
                   column.name.text, prices.formed, prices.values, from.name.text, code.name.text) +
           verdict.words});
}

bool is_numeric(const Column& column) noexcept {
  return catalog::is_number(column.type.logical);
}

using Compute = std::function<double(std::span<const double>)>;

struct Sum {
  std::vector<std::uint32_t> inputs{};
  std::string expression{};
  std::string words{};
  Compute compute{};
};

std::vector<std::optional<double>> computed(const Composer& composer, const Sum& sum) {
  std::vector<std::vector<std::optional<double>>> columns;
  std::size_t rows = catalog::first_row_count;
  for (const auto input : sum.inputs) {
    columns.push_back(numbers_of(composer.source_column(input)));
    rows = std::min(rows, columns.back().size());
  }
  std::vector<std::optional<double>> result(rows);
  std::vector<double> row(columns.size());
  for (std::size_t at = 0; at < rows; ++at) {
    bool complete = true;
    for (std::size_t input = 0; input < columns.size(); ++input) {
      complete = complete && columns[input][at].has_value();
      row[input] = columns[input][at].value_or(0);
    }
    if (complete) {
      result[at] = sum.compute(row);
    }
  }
  return result;
}

// Whether both tables have the same rows, going by an input of the sum that also feeds a column as
// it is. Then the target has what the sum gives, or the sum is wrong.
bool has_same_rows(const Composer& composer, const Sum& sum) {
  return std::any_of(sum.inputs.begin(), sum.inputs.end(), [&](std::uint32_t input) {
    for (std::uint32_t target = 0; target < composer.target().columns.size(); ++target) {
      const auto numbers = numbers_of(composer.source_column(input));
      if (composer.source_of(target) != input || numbers.empty()) {
        continue;
      }
      const Tally found = check_numbers(numbers, composer.target_column(target)).found;
      if (found.is_enough() && found.share() >= number_share) {
        return true;
      }
    }
    return false;
  });
}

void propose_sum(Composer& composer, std::uint32_t target, const Sum& sum) {
  const Column& to = composer.target_column(target);
  // What only one of its columns feeds is better computed of all.
  if (!composer.is_open_to(target, sum.inputs)) {
    return;
  }
  RuleVerdict verdict{confidence_of_names, {}};
  if (composer.uses_data()) {
    const auto values = computed(composer, sum);
    const NumberCheck check = check_numbers(values, to);
    if (check.range_known && check.values >= Tally::fewest &&
        static_cast<double>(check.in_range) < least_in_range * static_cast<double>(check.values)) {
      return;
    }
    if (check.found.is_enough() && check.found.holds == 0 && has_same_rows(composer, sum)) {
      return;
    }
    verdict = verdict_of(check.found, confidence_of_names);
  }
  Transformation transformation;
  for (const auto input : sum.inputs) {
    transformation.inputs.push_back(composer.source_column(input).name.text);
  }
  transformation.steps.push_back(
      step_of(TransformationKind::expression, {{"expression", sum.expression}}));
  composer.propose(sum.inputs.front(), {target, std::move(transformation), verdict.confidence,
                                        fmt::format("{}: '{}' is computed as {}", sum.words,
                                                    to.name.text, sum.expression) +
                                            verdict.words});
}

// The one column of a part, whatever it is about; nothing unless it has numbers.
std::optional<std::uint32_t> only(const Composer& composer, Part part) {
  const auto& columns = composer.source_parts().of(part);
  return columns.size() == 1 && is_numeric(composer.source_column(columns.front()))
             ? std::optional{columns.front()}
             : std::nullopt;
}

bool is_percent(const Column& column) {
  const auto lower = to_lower(column.name.text);
  return lower.find("pct") != std::string::npos || lower.find("percent") != std::string::npos ||
         column.unit == "%";
}

// Whether a discount is an amount of money and no share, going by its name and its unit.
bool is_amount_of_discount(const Side& side, const ColumnFeatures& column) {
  const std::string& unit = column.column->unit;
  if (is_percent(*column.column)) {
    return false;
  }
  const auto words = side.list(column.raw);
  return is_currency(to_upper(unit)) ||
         std::find(money_signs.begin(), money_signs.end(), unit) != money_signs.end() ||
         side.has_word(column.expanded, {"amount", "value", "total", "price", "currency"}) ||
         std::any_of(words.begin(), words.end(), [&](std::uint32_t word) {
           return is_currency_in_names(side.terms[word].text);
         });
}

// The factor that a discount leaves of a price; nothing where its unit is not sure.
std::optional<std::pair<std::string, double>> left_by_discount(const Column& discount) {
  if (!discount.statistics || discount.statistics->quantiles.empty()) {
    return std::nullopt;
  }
  const double most = discount.statistics->quantiles.back();
  const double least = discount.statistics->quantiles.front();
  const std::string name = in_expression(discount.name.text);
  const bool percent = is_percent(discount);
  if (least < 0 || most > 100) {
    return std::nullopt;
  }
  if (percent && most > 1) {
    return std::pair{fmt::format("(1 - {} * 0.01)", name), 0.01};
  }
  return !percent && most <= 1 && most > 0
             ? std::optional{std::pair{fmt::format("(1 - {})", name), 1.0}}
             : std::nullopt;
}

// Of two sums that a column may be the one that more rows bear out; the first where none does.
const Sum& borne_out(const Composer& composer, std::uint32_t target, const Sum& one,
                     const Sum& other) {
  if (!composer.uses_data()) {
    return one;
  }
  const Column& to = composer.target_column(target);
  const Tally first = check_numbers(computed(composer, one), to).found;
  const Tally second = check_numbers(computed(composer, other), to).found;
  return second.is_enough() && second.holds > first.holds ? other : one;
}

bool is_borne_out(const Composer& composer, std::uint32_t target, const Sum& sum) {
  if (!composer.uses_data()) {
    return false;
  }
  const Tally found = check_numbers(computed(composer, sum), composer.target_column(target)).found;
  return found.is_enough() && found.share() >= number_share;
}

void compute_line(Composer& composer, std::uint32_t target) {
  const auto quantity = only(composer, Part::quantity);
  const auto price = only(composer, Part::unit_price);
  const auto discount = only(composer, Part::discount);
  if (!quantity || !price || (!discount && composer.source_parts().has(Part::discount))) {
    return;
  }
  Sum sum;
  sum.inputs = {*quantity, *price};
  sum.expression =
      fmt::format("{} * {}", in_expression(composer.source_column(*quantity).name.text),
                  in_expression(composer.source_column(*price).name.text));
  sum.words = "a quantity and the price of one";
  sum.compute = [](std::span<const double> row) { return row[0] * row[1]; };
  if (!discount) {
    propose_sum(composer, target, sum);
    return;
  }
  if (is_amount_of_discount(composer.source(), composer.source().columns[*discount])) {
    Sum lessened = sum;
    lessened.inputs.push_back(*discount);
    lessened.expression += " - " + in_expression(composer.source_column(*discount).name.text);
    lessened.words = "a quantity, the price of one and what is taken off";
    lessened.compute = [](std::span<const double> row) { return row[0] * row[1] - row[2]; };
    // Off the line or off each piece, or off the price already: only rows tell.
    const Sum& likelier = borne_out(composer, target, lessened, sum);
    if (is_borne_out(composer, target, likelier)) {
      propose_sum(composer, target, likelier);
    }
    return;
  }
  const auto left = left_by_discount(composer.source_column(*discount));
  if (!left) {
    return;
  }
  Sum reduced = sum;
  reduced.inputs.push_back(*discount);
  reduced.expression += " * " + left->first;
  reduced.words = "a quantity, the price of one and a discount";
  reduced.compute = [part = left->second](std::span<const double> row) {
    return row[0] * row[1] * (1 - row[2] * part);
  };
  propose_sum(composer, target, borne_out(composer, target, reduced, sum));
}

// What a tax rate makes of a net amount: 19 and 0.19 are the same.
void compute_tax(Composer& composer, std::uint32_t target, Part wanted) {
  const auto net = only(composer, Part::net);
  const auto rate = only(composer, Part::tax_rate);
  if (!net || !rate || wanted == Part::net || !composer.uses_data()) {
    return;
  }
  const Column& rates = composer.source_column(*rate);
  if (!rates.statistics || rates.statistics->quantiles.empty() ||
      rates.statistics->quantiles.front() < 0) {
    return;
  }
  const double part = rates.statistics->quantiles.back() > 1 ? 0.01 : 1;
  const std::string amount = in_expression(composer.source_column(*net).name.text);
  const std::string share = in_expression(rates.name.text) + (part == 1 ? "" : " * 0.01");
  Sum sum;
  sum.inputs = {*net, *rate};
  sum.words = "a net amount and the rate of its tax";
  const bool gross = wanted == Part::gross;
  sum.expression =
      gross ? fmt::format("{} * (1 + {})", amount, share) : fmt::format("{} * {}", amount, share);
  sum.compute = [part, gross](std::span<const double> row) {
    return row[0] * ((gross ? 1 : 0) + row[1] * part);
  };
  propose_sum(composer, target, sum);
}

void compute_difference(Composer& composer, std::uint32_t target, Part wanted) {
  const auto gross = only(composer, Part::gross);
  const auto net = only(composer, Part::net);
  const auto tax = only(composer, Part::tax);
  if (!tax && !(wanted == Part::tax && gross)) {
    compute_tax(composer, target, wanted);
  }
  const auto combine = [&](std::optional<std::uint32_t> left, char sign,
                           std::optional<std::uint32_t> right, const char* words) {
    if (!left || !right ||
        !same_subject(composer.source_parts()[*left].subject,
                      composer.source_parts()[*right].subject)) {
      return;
    }
    Sum sum;
    sum.inputs = {*left, *right};
    sum.expression = fmt::format("{} {} {}", in_expression(composer.source_column(*left).name.text),
                                 sign, in_expression(composer.source_column(*right).name.text));
    sum.words = words;
    sum.compute = [sign](std::span<const double> row) {
      return sign == '+' ? row[0] + row[1] : row[0] - row[1];
    };
    propose_sum(composer, target, sum);
  };
  if (wanted == Part::gross) {
    combine(net, '+', tax, "a net amount and its tax");
  } else if (wanted == Part::net) {
    combine(gross, '-', tax, "a gross amount and its tax");
  } else {
    combine(gross, '-', net, "a gross and a net amount");
  }
}

}  // namespace

std::string in_expression(std::string_view name) {
  const bool plain = !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
                     std::all_of(name.begin(), name.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '_';
                     });
  return plain ? std::string{name} : fmt::format("\"{}\"", replace_all(name, "\"", "\"\""));
}

void compose_money(Composer& composer) {
  const auto& from = composer.source_parts();
  const auto& to = composer.target_parts();
  if (!composer.uses_data()) {
    return;  // only values show that an amount has its currency beside it
  }
  for (const Part part : {Part::amount, Part::unit_price, Part::line_total}) {
    if (to.has(Part::currency)) {
      for (const auto source : from.of(part)) {
        if (!is_numeric(composer.source_column(source))) {
          split_price(composer, source);
        }
      }
    }
    if (from.has(Part::currency)) {
      for (const auto target : to.of(part)) {
        join_price(composer, target);
      }
    }
  }
}

void compose_sums(Composer& composer) {
  for (const Part part : {Part::line_total, Part::gross, Part::net, Part::tax}) {
    for (const auto target : composer.target_parts().of(part)) {
      if (!is_numeric(composer.target_column(target))) {
        continue;
      }
      if (part == Part::line_total) {
        compute_line(composer, target);
      } else {
        compute_difference(composer, target, part);
      }
    }
  }
}

}  // namespace mapctl::matching
