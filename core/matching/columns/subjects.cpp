// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/subjects.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <tuple>

namespace mapctl::matching {
namespace {

using catalog::ValuePattern;

// What a column of names is called, the likeliest first.
constexpr std::array<std::string_view, 6> words_for_name{"name",        "label",   "title",
                                                         "designation", "caption", "denomination"};
constexpr std::array<std::string_view, 8> said_of_a_name{"full", "display", "official", "complete",
                                                         "main", "proper",  "legal",    "primary"};
// Of these a "name" is another one, or a part.
constexpr std::array<std::string_view, 22> of_another_name{
    "first", "last",   "middle", "given",   "family",    "maiden",     "nick", "user",
    "login", "file",   "path",   "host",    "domain",    "former",     "old",  "previous",
    "short", "second", "other",  "contact", "alternate", "alternative"};
constexpr std::array<std::string_view, 12> parts_of_addresses{
    "address",   "street",   "location", "place",       "postcode",    "zip",
    "longitude", "latitude", "suburb",   "coordinates", "headquarter", "habitat"};

// By values: what keeps a text from naming things.
constexpr double least_filled_share = 0.8;
constexpr double least_distinct_names = 0.8;
constexpr double least_distinct_if_called_so = 0.7;
constexpr double most_of_other_forms = 0.4;
constexpr double fewest_letters_of_name = 3;
constexpr double most_letters_of_name = 60;
constexpr std::int64_t fewest_rows_named = 3;

constexpr float called_like_table = 0.9F;
constexpr float alone_by_values = 1.0F;
constexpr float first_by_values = 0.7F;
// Of a column that its table is about and one that its own is not.
constexpr float one_only = -0.4F;
constexpr float against_other_name = -0.8F;
// Of tables that are called otherwise, and of those among many.
constexpr float least_of_other_table = 0.7F;
constexpr float least_alike_tables = 0.5F;

template <std::size_t Count>
bool stands_in(const std::array<std::string_view, Count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class Subjects {
 public:
  explicit Subjects(Side& side) : side_{side} {}

  void find(const TableFeatures& table) {
    const std::span<ColumnFeatures> columns{side_.columns.data() + table.first_column,
                                            table.column_count};
    const bool in_parts = std::any_of(columns.begin(), columns.end(),
                                      [&](const auto& column) { return is_part_of_name(column); });
    for (auto& column : columns) {
      const auto words = side_.list(column.expanded);
      if (words.size() > 1 && word(words.back()) == "name" &&
          stands_in(of_another_name, word(words.front()))) {
        column.subject = SubjectKind::other_name;
      } else if (in_parts && words.size() == 1 && word(words.front()) == "title") {
        // Beside parts of a person's name it is what the person is.
        column.subject = SubjectKind::title;
      }
    }
    ColumnFeatures* best = nullptr;
    std::size_t least = words_for_name.size() * most_words;
    for (auto& column : columns) {
      const auto rank = rank_of_name(table, column, in_parts);
      if (rank < least && may_hold_names(column)) {
        least = rank;
        best = &column;
      }
    }
    if (best != nullptr) {
      best->subject = SubjectKind::by_name;
      best->subject_strength = 1;
    } else if (auto* const like_table = called_like(table, columns); like_table != nullptr) {
      like_table->subject = SubjectKind::by_table;
      like_table->subject_strength = called_like_table;
    } else if (!in_parts) {
      find_by_values(columns);
    }
  }

 private:
  static constexpr std::size_t most_words = 4;

  std::string_view word(std::uint32_t term) const { return side_.terms[term].text; }

  bool is_part_of_name(const ColumnFeatures& column) const {
    const auto words = side_.list(column.expanded);
    return words.size() == 2 && word(words[1]) == "name" &&
           (word(words[0]) == "first" || word(words[0]) == "last" || word(words[0]) == "family" ||
            word(words[0]) == "given");
  }

  // 0 for "name" itself; `words_for_name.size() * most_words` for what is no such name.
  std::size_t rank_of_name(const TableFeatures& table, const ColumnFeatures& column,
                           bool in_parts) const {
    constexpr std::size_t none = words_for_name.size() * most_words;
    const auto words = side_.list(column.expanded);
    if (words.empty() || words.size() >= most_words) {
      return none;
    }
    const auto last = std::find(words_for_name.begin(), words_for_name.end(), word(words.back()));
    if (last == words_for_name.end() || (in_parts && *last != "name")) {
      return none;
    }
    const auto of_table = side_.list(table.name);
    for (const auto term : words.first(words.size() - 1)) {
      const bool own = std::any_of(of_table.begin(), of_table.end(), [&](std::uint32_t other) {
        return side_.terms[other].hash == side_.terms[term].hash;
      });
      if (!own && !stands_in(said_of_a_name, word(term))) {
        return none;
      }
    }
    return (words.size() - 1) * words_for_name.size() +
           static_cast<std::size_t>(last - words_for_name.begin());
  }

  static bool may_hold_names(const ColumnFeatures& column) {
    switch (column.type) {
      case TypeClass::unknown:
      case TypeClass::text:
      case TypeClass::code: return true;
      default: return false;
    }
  }

  ColumnFeatures* called_like(const TableFeatures& table, std::span<ColumnFeatures> columns) const {
    const auto of_table = side_.list(table.name);
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& column) {
      const auto words = side_.list(column.expanded);
      return !words.empty() && may_hold_names(column) && column.role != NameRole::code &&
             std::equal(words.begin(), words.end(), of_table.begin(), of_table.end(),
                        [&](std::uint32_t a, std::uint32_t b) {
                          return side_.terms[a].hash == side_.terms[b].hash;
                        });
    });
    return found == columns.end() ? nullptr : &*found;
  }

  bool is_called_otherwise(const ColumnFeatures& column) const {
    switch (column.role) {
      case NameRole::none:
      case NameRole::several:
      case NameRole::name:
      case NameRole::kind: break;
      case NameRole::place: {
        const auto words = side_.list(column.expanded);
        return std::any_of(words.begin(), words.end(), [&](std::uint32_t term) {
          return stands_in(parts_of_addresses, word(term));
        });
      }
      default: return true;
    }
    const auto words = side_.list(column.expanded);
    return !words.empty() &&
           (stands_in(parts_of_addresses, word(words.back())) ||
            (words.size() > 1 && stands_in(of_another_name, word(words.front()))));
  }

  static bool looks_like_names(const catalog::ColumnStatistics& statistics, double least_of_all) {
    const double length = statistics.average_length.value_or(0);
    if (statistics.rows < fewest_rows_named || 1 - statistics.null_share < least_filled_share ||
        statistics.distinct_share() < least_of_all || length < fewest_letters_of_name ||
        length > most_letters_of_name) {
      return false;
    }
    double others = 0;
    for (const auto& [pattern, share] : statistics.patterns) {
      switch (pattern) {
        case ValuePattern::person_name:
        case ValuePattern::country_code:
        case ValuePattern::currency_code:
        case ValuePattern::padded:
        case ValuePattern::null_word:
        case ValuePattern::leading_zeros: break;
        default: others = std::max(others, share);
      }
    }
    const double numbers = statistics.share(ValuePattern::integer_number) +
                           statistics.share(ValuePattern::decimal_number) +
                           statistics.share(ValuePattern::grouped_number);
    return std::max(others, numbers) < most_of_other_forms && has_words(statistics);
  }

  // "12.4 km", "36°42'N": more digits than letters.
  static bool has_words(const catalog::ColumnStatistics& statistics) {
    std::size_t letters = 0;
    std::size_t digits = 0;
    for (const auto& value : statistics.samples) {
      for (const char c : value) {
        digits += c >= '0' && c <= '9' ? 1U : 0U;
        letters += (c | 0x20) >= 'a' && (c | 0x20) <= 'z'         ? 1U
                   : (static_cast<unsigned char>(c) & 0x80U) != 0 ? 1U
                                                                  : 0U;
      }
    }
    return letters > digits;
  }

  void find_by_values(std::span<ColumnFeatures> columns) const {
    ColumnFeatures* best = nullptr;
    std::tuple<bool, double, int> most{};
    bool alone = true;
    for (auto& column : columns) {
      const auto& statistics = column.column->statistics;
      const bool is_name = column.role == NameRole::name;
      if (!statistics || !may_hold_names(column) || is_called_otherwise(column) ||
          !looks_like_names(*statistics,
                            is_name ? least_distinct_if_called_so : least_distinct_names)) {
        continue;
      }
      // Where all else is equal, lists begin with what they are about.
      const std::tuple mine{is_name, is_name ? 0.0 : statistics->distinct_share(),
                            -column.column->position};
      if (best == nullptr || mine > most) {
        alone = best == nullptr || std::get<0>(mine) != std::get<0>(most) ||
                std::get<1>(mine) > std::get<1>(most);
        most = mine;
        best = &column;
      } else {
        alone = alone &&
                (std::get<0>(mine) != std::get<0>(most) || std::get<1>(mine) < std::get<1>(most));
      }
    }
    if (best != nullptr) {
      best->subject = SubjectKind::by_values;
      best->subject_strength = alone ? alone_by_values : first_by_values;
    }
  }

  Side& side_;
};

}  // namespace

void find_subjects(Side& side) {
  Subjects subjects{side};
  for (auto& table : side.tables) {
    subjects.find(table);
    for (std::uint32_t at = 0; at < table.column_count; ++at) {
      const auto kind = side.columns[table.first_column + at].subject;
      if (is_subject(kind)) {
        table.subject = table.first_column + at;
      }
    }
  }
}

float subject_agreement(const Side& source, const ColumnFeatures& left, const Side& target,
                        const ColumnFeatures& right, float tables) noexcept {
  const auto subject_of = [](const Side& side, const ColumnFeatures& column) {
    const auto number = side.tables[column.table].subject;
    return number < side.columns.size() ? &side.columns[number] : nullptr;
  };
  const auto* const ours = subject_of(source, left);
  const auto* const theirs = subject_of(target, right);
  if ((ours == &left && left.subject == SubjectKind::by_name &&
       right.subject == SubjectKind::title) ||
      (theirs == &right && right.subject == SubjectKind::by_name &&
       left.subject == SubjectKind::title)) {
    return against_other_name;
  }
  if (ours == nullptr || theirs == nullptr || (ours != &left && theirs != &right) ||
      (ours->subject != SubjectKind::by_name && theirs->subject != SubjectKind::by_name)) {
    return 0;
  }
  const bool other_name =
      left.subject == SubjectKind::other_name || right.subject == SubjectKind::other_name;
  const float strength = std::min(ours->subject_strength, theirs->subject_strength) *
                         (ours == &left && theirs == &right ? 1.0F
                          : other_name                      ? against_other_name
                                                            : one_only);
  const bool named =
      source.tables[left.table].name.count > 0 && target.tables[right.table].name.count > 0;
  if (source.tables.size() == 1 && target.tables.size() == 1) {
    return strength * (named ? std::max(tables, least_of_other_table) : 1.0F);
  }
  // A schema spreads parts of a record over its tables, and names there are of any part: "contact
  // name" is not the name of the company.
  if (ours->subject == theirs->subject) {
    return 0;
  }
  return tables < least_alike_tables ? 0.0F : std::max(0.0F, strength * tables);
}

}  // namespace mapctl::matching
