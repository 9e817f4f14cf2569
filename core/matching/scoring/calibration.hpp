// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::matching {

// What a pair's evidence rests on. Confidence errs in its own way in each: names promise too much
// where systems are named alike, values too little where only samples are known.
enum class Situation : std::uint8_t {
  names,   // names, types, keys and descriptions
  values,  // both columns have statistics too
  memory,  // what was decided before speaks for or against the pair
};
inline constexpr std::size_t situation_count = static_cast<std::size_t>(Situation::memory) + 1;
std::string_view to_string(Situation situation) noexcept;
std::optional<Situation> situation_from(std::string_view word) noexcept;

// A pair that somebody decided about, and the confidence the matcher gave it before calibration.
struct Outcome {
  double confidence = 0;
  bool right = false;
  Situation situation = Situation::names;
};

// Turns confidences of the matcher into the share of such pairs that are right, by rising curves,
// one a situation. Rising strictly: the order of candidates never changes. Immutable and safe to
// use from several threads.
class Calibration {
 public:
  Calibration() = default;  // changes nothing

  double operator()(double confidence, Situation situation) const noexcept;
  bool changes_nothing() const noexcept;

  // One line a situation: "values -1.5:-2.25 3:2.125", log-odds before and after, four decimals.
  // Empty when nothing changes. parse() gives back what fit_calibration() made.
  std::string text() const;
  // Throws Error::invalid_data naming `what`.
  static Calibration parse(std::string_view text, std::string_view what);

  friend bool operator==(const Calibration&, const Calibration&) = default;

 private:
  friend class CalibrationFitter;
  // Log-odds before and after, both ascending. Between two knots straight, beyond the outer ones
  // shifted as far as these.
  struct Knot {
    double from = 0, to = 0;
    friend bool operator==(const Knot&, const Knot&) = default;
  };
  using Curve = std::vector<Knot>;
  std::array<Curve, situation_count> curves_{};
};

// Figures of confidences before and after. Those after are of outcomes that the curves judged had
// not seen: the outcomes are parted in five, and each part is judged by curves of the other four.
struct CalibrationFit {
  Calibration calibration{};
  std::size_t outcomes = 0;
  double ece_before = 0, ece_after = 0;    // expected calibration error, ten bins
  double loss_before = 0, loss_after = 0;  // mean log loss
};

// Fewer outcomes than these tell nothing: the fit then changes nothing.
inline constexpr std::size_t least_outcomes = 20;

// The simplest curve that does well on outcomes it has not seen: none, a shift and stretch of the
// log-odds (Platt), or, from many outcomes, steps smoothed to a line (isotonic). A situation with
// few outcomes of its own takes the curve of all. The order of the outcomes does not matter.
CalibrationFit fit_calibration(std::span<const Outcome> outcomes);

// Of ten bins of equal width, how far the mean confidence is from the share that is right, weighted
// by the bins' sizes. 0 for no outcomes.
double calibration_error(std::span<const Outcome> outcomes, const Calibration& calibration);

}  // namespace mapctl::matching
