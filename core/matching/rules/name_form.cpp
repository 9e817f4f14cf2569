// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/name_form.hpp"

#include "core/base/text.hpp"
#include "core/catalog/composed_text.hpp"
#include "core/catalog/profiler.hpp"
#include "core/matching/rules/composite.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mapctl::matching {
namespace {

using catalog::Column;

constexpr std::array<std::string_view, 17> known_titles{
    "Mr.",  "Mrs.", "Ms.", "Dr.",  "Prof.", "Mr",  "Mrs",  "Ms",  "Dr",
    "Prof", "Miss", "Sir", "Herr", "Frau",  "Mme", "Ing.", "Rev."};
constexpr std::array<std::string_view, 18> known_endings{
    "Jr.", "Sr.",  "Jr",  "Sr",  "II",   "III", "IV", "PhD", "Ph.D.",
    "MD",  "M.D.", "MBA", "CPA", "Esq.", "DDS", "RN", "MSc", "BSc"};
// Of the values; fewer names of more than two words are left as they are.
constexpr double many_words_share = 0.05;
// Of the values of a column of single names at most this share has several words.
constexpr double few_words_share = 0.02;

// A word of a longer text, as masked ones are.
std::string masked_word(std::string_view word) {
  constexpr std::string_view other = "ab ";
  return catalog::mask(std::string{other} + std::string{word}).substr(other.size());
}

// The known word that it is; of a masked one by the hash of the text that is nothing else.
std::optional<std::string_view> affix_in(std::string_view word,
                                         std::span<const std::string_view> list, bool masked,
                                         std::uint64_t hash) {
  for (const auto known : list) {
    const bool same =
        !masked ? word == known
                : word == masked_word(known) &&
                      (hash != 0 ? hash == catalog::value_hash(known) : known.ends_with('.'));
    if (same) {
      return known;
    }
  }
  return std::nullopt;
}

void note_word(std::vector<std::string>& seen, std::string_view word) {
  if (std::find(seen.begin(), seen.end(), word) == seen.end()) {
    seen.emplace_back(word);
  }
}

// Hashes of the first word, of all behind it and of the last word; 0: not known.
struct NameRow {
  std::uint64_t first = 0, rest = 0, final_word = 0;
};

class Names {
 public:
  explicit Names(const Column& column) : masked_{column.personal.has_value()} {
    const auto& statistics = *column.statistics;
    const auto& values = statistics.first_rows.empty() ? statistics.samples : statistics.first_rows;
    for (std::size_t at = 0; at < values.size(); ++at) {
      const bool parts_known =
          &values == &statistics.first_rows && at < statistics.row_parts.size();
      read(trim(values[at]),
           parts_known ? std::span{statistics.row_parts[at]} : std::span<const std::uint64_t>{});
    }
  }

  NameForm form{};
  std::vector<NameRow> spaced_rows{}, separated_rows{};  // of the latter `first` is the last name
  std::vector<std::vector<std::string_view>> title_rows{};  // of names with several

 private:
  void read(std::string_view text, std::span<const std::uint64_t> parts) {
    if (text.empty()) {
      return;
    }
    ++form.values;
    const auto part = [&](std::size_t at) { return at < parts.size() ? parts[at] : 0; };
    bool whole = true;  // the hashes of the parts are those of the names
    const char separator = catalog::part_separator(text);
    if (separator != '\0') {
      const auto at = text.find(separator);
      const auto behind = trim(text.substr(at + 1));
      if (separator == ',' && affix_in(behind, known_endings, masked_, part(1))) {
        ++form.degrees;
        text = trim(text.substr(0, at));
        whole = false;
      } else {
        read_separated(text, separator, parts);
        return;
      }
    }
    auto words = split(text, ' ');
    std::erase_if(words, [](std::string_view word) { return word.empty(); });
    bool titled = false;
    std::vector<std::string_view> titles;
    while (words.size() > 1) {
      const auto title =
          affix_in(words.front(), known_titles, masked_, titled || separator != '\0' ? 0 : part(0));
      if (!title) {
        break;
      }
      note_word(form.titles, *title);
      titles.push_back(*title);
      words.erase(words.begin());
      titled = true;
    }
    form.titled += titled ? 1 : 0;
    if (titles.size() > 1) {
      title_rows.push_back(std::move(titles));
    }
    if (const auto ending =
            words.size() > 2 ? affix_in(words.back(), known_endings, masked_, 0) : std::nullopt) {
      note_word(form.endings, *ending);
      ++form.ended;
      words.pop_back();
      whole = false;
    }
    if (words.size() < 2) {
      return;
    }
    ++form.spaced;
    form.many += words.size() > 2 ? 1 : 0;
    whole = whole && !titled;
    if (!masked_) {
      const auto* const end = words.back().data() + words.back().size();
      const std::string_view rest{words[1].data(), static_cast<std::size_t>(end - words[1].data())};
      spaced_rows.push_back({catalog::value_hash(words[0]), catalog::value_hash(rest),
                             catalog::value_hash(words.back())});
    } else if (whole && parts.size() > 1) {
      spaced_rows.push_back({parts[0], parts[1], words.size() == 2 ? parts[1] : 0});
    }
  }

  void read_separated(std::string_view text, char separator, std::span<const std::uint64_t> parts) {
    if (std::count(text.begin(), text.end(), separator) != 1) {
      return;
    }
    ++form.separated;
    form.separator = separator;
    const auto at = text.find(separator);
    const auto behind = trim(text.substr(at + 1));
    const bool several = behind.find(' ') != behind.npos;
    form.many += several ? 1 : 0;
    if (!masked_) {
      separated_rows.push_back({catalog::value_hash(trim(text.substr(0, at))),
                                catalog::value_hash(behind),
                                catalog::value_hash(behind.substr(0, behind.find(' ')))});
    } else if (parts.size() > 1) {
      separated_rows.push_back({parts[0], parts[1], several ? 0 : parts[1]});
    }
  }

  bool masked_;
};

// Rows whose hashes the columns have; what is not known is not judged.
Tally rows_found(const std::vector<NameRow>& rows, std::uint64_t NameRow::*left,
                 const Column& left_column, std::uint64_t NameRow::*right,
                 const Column& right_column) {
  Tally tally;
  if (!left_column.statistics || !right_column.statistics) {
    return tally;
  }
  for (const NameRow& row : rows) {
    const auto in_left =
        row.*left == 0 ? std::nullopt : catalog::holds_value(*left_column.statistics, row.*left);
    const auto in_right =
        row.*right == 0 ? std::nullopt : catalog::holds_value(*right_column.statistics, row.*right);
    if (in_left || in_right) {
      ++tally.of;
      tally.holds += in_left.value_or(true) && in_right.value_or(true) ? 1 : 0;
    }
  }
  return tally;
}

// Titles that follow each other as they are listed go in one round, "Dr. Prof." beside "Prof. Dr."
// in two.
std::size_t rounds_of(const std::vector<std::string>& titles,
                      const std::vector<std::vector<std::string_view>>& rows) {
  std::size_t most = 1;
  for (const auto& row : rows) {
    std::size_t rounds = 1;
    auto next = titles.begin();
    for (const auto title : row) {
      auto found = std::find(next, titles.end(), title);
      if (found == titles.end()) {
        ++rounds;
        found = std::find(titles.begin(), titles.end(), title);
      }
      next = found + 1;
    }
    most = std::max(most, rounds);
  }
  return most;
}

// Whether nearly all values of a column of names are one word; no where there are none.
bool has_single_words(const Column& column) {
  if (!column.statistics) {
    return false;
  }
  const auto& values = column.statistics->first_rows;
  const auto filled =
      std::count_if(values.begin(), values.end(), [](const auto& text) { return !text.empty(); });
  const auto several = std::count_if(values.begin(), values.end(), [](std::string_view text) {
    return trim(text).find(' ') != std::string_view::npos;
  });
  return filled >= static_cast<std::ptrdiff_t>(Tally::fewest) &&
         static_cast<double>(several) <= few_words_share * static_cast<double>(filled);
}

// Of two ways to read names the second, if more rows bear it out, or none tells and the column
// has single words only.
bool prefers_second(const Tally& one, const Tally& other, const Column& column) {
  return one.is_enough() && (one.holds > 0 || other.holds > 0) ? other.holds > one.holds
                                                               : has_single_words(column);
}

}  // namespace

bool NameForm::is_formed() const noexcept {
  return static_cast<double>(formed()) >= formed_share * static_cast<double>(values);
}

NameForm name_form(const Column& whole, const Column& first, const Column& last) {
  Names names{whole};
  NameForm form = names.form;
  form.title_rounds = rounds_of(form.titles, names.title_rows);
  form.padded = whole.statistics->share(catalog::ValuePattern::padded) > 0;
  const bool has_many =
      static_cast<double>(form.many) >=
      many_words_share * static_cast<double>(std::max<std::size_t>(form.values, 1));
  if (form.separated > form.spaced) {
    form.last_first = true;
    const auto& rows = names.separated_rows;
    form.found = rows_found(rows, &NameRow::rest, first, &NameRow::first, last);
    const Tally by_word = rows_found(rows, &NameRow::final_word, first, &NameRow::first, last);
    if (has_many && prefers_second(form.found, by_word, first)) {
      form.one_word_first = true;
      form.found = by_word;
    }
    return form;
  }
  form.separator = ' ';
  const auto& rows = names.spaced_rows;
  form.found = rows_found(rows, &NameRow::first, first, &NameRow::rest, last);
  const Tally by_final = rows_found(rows, &NameRow::first, first, &NameRow::final_word, last);
  if (has_many && prefers_second(form.found, by_final, last)) {
    form.one_word_last = true;
    form.found = by_final;
  }
  const Tally swapped = rows_found(rows, &NameRow::rest, first, &NameRow::first, last);
  if (swapped.is_enough() && swapped.holds * 2 >= swapped.of &&
      swapped.holds > 2 * form.found.holds) {
    form.found = swapped;
    form.last_first = true;
  }
  return form;
}

}  // namespace mapctl::matching
