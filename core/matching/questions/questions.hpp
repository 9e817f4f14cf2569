// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/mapping/proposal.hpp"
#include "core/ports/language_model.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What matching left open, as questions to a language model: which of these candidates, or none.
// The model sees names, types, descriptions and the forms of values as data, and answers with
// numbers. It can fill a gap with a candidate that was listed, and nothing else: it takes no
// decision away, and no other field changes.
namespace mapctl::matching {

// Changes with every change of what is sent or how an answer is read, so that no answer to another
// prompt is reused.
inline constexpr std::string_view prompt_version = "2";

struct QuestionOptions {
  // Fields that are undecided are asked about, and those decided with less confidence than this.
  double below = 0;
  // What a choice of the model is worth, unless the matcher was surer of it by itself.
  double choice_confidence = 0.6;
  double min_confidence = 0.5;  // a choice worth less is evidence and no decision
  bool one_to_one = true;       // targets that are taken are no candidates
  bool show_values = false;  // else their forms only; of personal columns never more than the kind
  // Of all that one request sends, as estimated. A question that alone is more is asked alone.
  std::size_t token_budget = 6000;
  std::size_t most_questions = 40;  // in one request
};

// Most that a choice can be worth: it is below what any tenant is advised to approve unseen.
inline constexpr double most_choice_confidence = 0.8;

// In the place of the chosen number; 0 is "none of them".
inline constexpr int refused_choice = -1;     // a number that was not among the candidates
inline constexpr int unanswered_choice = -2;  // the question is still open

struct Question {
  std::size_t field = 0;                // in PairProposal::fields
  std::vector<std::size_t> candidates;  // in FieldProposal::candidates
  std::vector<int> numbers;             // by which the model names them, as many, from 1
};

// Several questions about one table pair, asked at once.
struct QuestionSheet {
  std::vector<Question> questions{};
  ports::LanguagePrompt prompt{};
  std::int64_t prompt_tokens = 0, answer_tokens = 0;  // estimated
  // Of the model's name, the prompt's version and all that is sent.
  std::string key(std::string_view model) const;
};

// Equal proposals give equal sheets. Fields without a candidate that is free are not asked about;
// no candidate is what people decided against.
std::vector<QuestionSheet> make_questions(const mapping::PairProposal& proposal,
                                          const catalog::Table& source,
                                          const catalog::Table& target,
                                          const QuestionOptions& options);

// The questions of a sheet of the same proposal that `numbers` leave unanswered, to be asked alone.
// At least one must be.
QuestionSheet open_questions(const QuestionSheet& sheet, const std::vector<int>& numbers,
                             const mapping::PairProposal& proposal, const catalog::Table& source,
                             const catalog::Table& target, const QuestionOptions& options);

// The column a candidate stands for.
using Target = std::pair<catalog::TableRef, catalog::ColumnName>;
Target target_of(const mapping::Candidate& candidate);
// Those that are decided for some field.
std::set<Target> taken_targets(const mapping::PairProposal& proposal);

}  // namespace mapctl::matching
