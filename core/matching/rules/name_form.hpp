// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/matching/values/row_check.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace mapctl::matching {

// How the whole names of a column are put together. Masked ones keep their form.
struct NameForm {
  std::size_t values = 0;
  std::size_t spaced = 0;     // several words, titles and the like apart
  std::size_t separated = 0;  // a comma or the like between two names: "Lovelace, Ada"
  std::size_t many = 0;       // more than a first and a last name: "Ada King Lovelace"
  std::size_t titled = 0;     // "Dr." in front
  std::size_t degrees = 0;    // ", PhD" behind
  std::size_t ended = 0;      // " Jr." behind
  std::vector<std::string> titles{}, endings{};  // those that are there, without blanks
  // How often all titles in their order are to be taken off the front until none is left.
  std::size_t title_rounds = 1;
  bool padded = false;  // blanks in front or at the end
  char separator = ' ';
  bool last_first = false;      // with a separator; or without, as the columns of the parts tell
  bool one_word_first = false;  // of several first names the column of first names has one
  bool one_word_last = false;   // of several words behind the first the last are the last name
  Tally found{};                // rows whose parts are in the columns of the parts

  bool is_separated() const noexcept { return separator != ' '; }
  bool last_first_by_rows() const noexcept { return last_first && !is_separated(); }
  std::size_t formed() const noexcept { return is_separated() ? separated : spaced; }
  bool is_formed() const noexcept;
};

NameForm name_form(const catalog::Column& whole, const catalog::Column& first,
                   const catalog::Column& last);

}  // namespace mapctl::matching
