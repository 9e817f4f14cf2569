// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/proposal.hpp"
#include "core/matching/questions/questions.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace mapctl::matching {

struct Choices {
  // One a question: a number of its candidates, 0, refused_choice or unanswered_choice.
  std::vector<int> numbers{};
  std::size_t refused = 0;  // numbers outside the list, and answers to what was not asked
};

// Reads {"1": 3, "2": 0}, also between code fences or behind a model's thoughts. A question without
// answer stays open; one that is answered twice is refused. Nothing when there is no such object,
// or one that answers no question at all.
std::optional<Choices> read_choices(std::string_view text, const QuestionSheet& sheet);
// False when kept numbers cannot be answers to the sheet.
bool fits(const std::vector<int>& numbers, const QuestionSheet& sheet);
// Questions that the numbers leave open.
std::size_t count_unanswered(const std::vector<int>& numbers) noexcept;

struct ChoiceCounts {
  std::size_t asked = 0;      // fields with an answer
  std::size_t decided = 0;    // fields that have a target now and had none
  std::size_t confirmed = 0;  // decided before, and the model chose the same
  std::size_t doubted = 0;    // decided before, and the model chose another, or none
  std::size_t none = 0;       // undecided, and the model chose none or what another field got
  ChoiceCounts& operator+=(const ChoiceCounts& other) noexcept;
};

// Puts the answers into the proposal, all at once: `numbers[i]` answers `sheets[i]`; nothing where
// no answer was had. Each says in the evidence which model chose what.
ChoiceCounts apply_choices(mapping::PairProposal& proposal,
                           const std::vector<QuestionSheet>& sheets,
                           const std::vector<std::optional<std::vector<int>>>& numbers,
                           std::string_view model, const QuestionOptions& options);

}  // namespace mapctl::matching
