// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/eval/suite.hpp"
#include "core/matching/scoring/combination.hpp"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::matching {
class Lexicon;
}

namespace mapctl::eval {

// A suite to learn from.
struct TrainingSuite {
  std::filesystem::path folder{};
  std::string suite{};   // the folder's name
  std::string family{};  // suites of one origin: their tasks are siblings
  std::string truth_file = "truth.csv";
  // Columns of equal name that its truth leaves out are no wrong pairs: nothing is learned from
  // them.
  bool gaps = false;
  double weight = 1;  // of what it teaches, before that of its size
};

// The suites below `folder` that are learned from. `families`, if not empty, is a file of lines
// "suite<TAB>family<TAB>use<TAB>truth file<TAB>weight": use is "all", "gaps" or "none", the last
// two may be left out, and a suite with two truth files has two lines. A suite without a line is of
// the family that its name begins with, up to the first underscore. Throws Error::configuration
// naming the line, not_found.
std::vector<TrainingSuite> training_suites(const std::filesystem::path& folder,
                                           const std::filesystem::path& families);
// The family of a suite, whether it is learned from or not.
std::string family_of(std::string_view suite, const std::filesystem::path& families);

// Every candidate pair of labelled tasks, measured once: all tables of a task together.
class TrainingSet {
 public:
  TrainingSet(const std::vector<TrainingSuite>& suites,
              std::shared_ptr<const matching::Lexicon> lexicon, std::stop_token stop);
  ~TrainingSet();
  TrainingSet(TrainingSet&&) noexcept;

  // Learned from all suites but those of this name and family; empty: from all. Equal input gives
  // an equal result. Throws Error::invalid_data when nothing is left.
  matching::Combination train(std::string_view suite_left_out, std::string_view family_left_out,
                              std::stop_token stop);

 private:
  struct Pairing;
  std::vector<Pairing> pairings_;
};

}  // namespace mapctl::eval
