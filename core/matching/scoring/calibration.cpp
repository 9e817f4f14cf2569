// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/calibration.hpp"

#include "core/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <tuple>
#include <utility>

namespace mapctl::matching {

namespace {

constexpr std::array<std::string_view, situation_count> situation_names{"names", "values",
                                                                        "memory"};
// As log-odds; where confidences end, and the most a curve may say.
constexpr double farthest = 7;
constexpr double most_said = 50;
// Between two knots, so that rounding leaves them apart.
constexpr double least_rise = 0.01;

double log_odds_of(double share) noexcept {
  const double least = 1 / (1 + std::exp(farthest));
  const double kept = std::clamp(share, least, 1 - least);
  return std::log(kept / (1 - kept));
}

double share_of(double log_odds) noexcept {
  return 1 / (1 + std::exp(-log_odds));
}

double loss_of(double log_odds, bool right) noexcept {
  return std::log1p(std::exp(right ? -log_odds : log_odds));
}

}  // namespace

std::string_view to_string(Situation situation) noexcept {
  return situation_names[static_cast<std::size_t>(situation)];
}

std::optional<Situation> situation_from(std::string_view word) noexcept {
  const auto found = std::find(situation_names.begin(), situation_names.end(), word);
  if (found == situation_names.end()) {
    return std::nullopt;
  }
  return static_cast<Situation>(found - situation_names.begin());
}

double Calibration::operator()(double confidence, Situation situation) const noexcept {
  const Curve& curve = curves_[static_cast<std::size_t>(situation)];
  if (curve.empty()) {
    return confidence;
  }
  const double from = log_odds_of(confidence);
  if (from <= curve.front().from) {
    return share_of(from - curve.front().from + curve.front().to);
  }
  if (from >= curve.back().from) {
    return share_of(from - curve.back().from + curve.back().to);
  }
  const auto next =
      std::upper_bound(curve.begin(), curve.end(), from,
                       [](double value, const Knot& knot) { return value < knot.from; });
  const auto last = next - 1;
  const double part = (from - last->from) / (next->from - last->from);
  return share_of(last->to + part * (next->to - last->to));
}

bool Calibration::changes_nothing() const noexcept {
  return std::all_of(curves_.begin(), curves_.end(),
                     [](const Curve& curve) { return curve.empty(); });
}

std::string Calibration::text() const {
  std::string text;
  for (std::size_t situation = 0; situation < situation_count; ++situation) {
    if (curves_[situation].empty()) {
      continue;
    }
    text += situation_names[situation];
    for (const auto& knot : curves_[situation]) {
      fmt::format_to(std::back_inserter(text), " {:.4f}:{:.4f}", knot.from, knot.to);
    }
    text += '\n';
  }
  return text;
}

Calibration Calibration::parse(std::string_view text, std::string_view what) {
  const auto refuse = [&](std::string_view found) {
    return Error{ErrorCode::invalid_data,
                 fmt::format("'{}' is no calibration: it says '{}'", what, found),
                 "fit the calibration again with 'mapctl propose --learn'"};
  };
  const auto number = [&](std::string_view word) {
    double value = 0;
    const auto* const end = word.data() + word.size();
    const auto read = std::from_chars(word.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end || !(std::fabs(value) <= most_said)) {
      throw refuse(word);
    }
    return value;
  };
  Calibration calibration;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto next_word = [&] {
      const auto word = line.substr(0, line.find(' '));
      line.remove_prefix(std::min(word.size() + 1, line.size()));
      return word;
    };
    const auto name = next_word();
    const auto situation = situation_from(name);
    if (!situation) {
      throw refuse(name);
    }
    Curve& curve = calibration.curves_[static_cast<std::size_t>(*situation)];
    while (!line.empty()) {
      const auto word = next_word();
      const auto colon = word.find(':');
      if (colon == std::string_view::npos) {
        throw refuse(word);
      }
      const Knot knot{number(word.substr(0, colon)), number(word.substr(colon + 1))};
      if (!curve.empty() && (knot.from <= curve.back().from || knot.to <= curve.back().to)) {
        throw refuse(word);
      }
      curve.push_back(knot);
    }
    if (curve.empty()) {
      throw refuse(name);
    }
  }
  return calibration;
}

// Fits over outcomes in a fixed order.
class CalibrationFitter {
 public:
  struct Sample {
    double from = 0;  // log-odds
    bool right = false;
    Situation situation = Situation::names;
  };
  using Samples = std::vector<Sample>;
  using Curve = Calibration::Curve;

  static CalibrationFit run(std::span<const Outcome> outcomes) {
    CalibrationFit result;
    result.outcomes = outcomes.size();
    result.ece_before = calibration_error(outcomes, {});
    result.ece_after = result.ece_before;
    Samples samples;
    samples.reserve(outcomes.size());
    for (const auto& outcome : outcomes) {
      samples.push_back({log_odds_of(outcome.confidence), outcome.right, outcome.situation});
    }
    std::sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
      return std::tie(a.situation, a.from, a.right) < std::tie(b.situation, b.from, b.right);
    });
    const auto count = static_cast<double>(samples.size());
    result.loss_before = samples.empty() ? 0.0 : loss(samples, {}) / count;
    result.loss_after = result.loss_before;
    if (samples.size() < least_outcomes) {
      return result;
    }
    std::vector<Outcome> judged;
    double loss_after = 0;
    for (std::size_t part = 0; part < parts; ++part) {
      Samples others;
      Samples left_out;
      for (std::size_t at = 0; at < samples.size(); ++at) {
        (at % parts == part ? left_out : others).push_back(samples[at]);
      }
      const auto calibration = fit(others);
      loss_after += loss(left_out, calibration);
      for (const auto& sample : left_out) {
        judged.push_back(
            {calibration(share_of(sample.from), sample.situation), sample.right, sample.situation});
      }
    }
    loss_after /= count;
    if (loss_after < result.loss_before - least_gain) {
      // As it is kept, so that what is read back is the same to the last digit.
      result.calibration = Calibration::parse(fit(samples).text(), "the fit");
      result.loss_after = loss_after;
      result.ece_after = calibration_error(judged, {});
    }
    return result;
  }

 private:
  static constexpr std::size_t parts = 5;
  // Mean log loss by which a more complex curve must be better.
  static constexpr double least_gain = 0.001;
  // Outcomes of one situation that can carry a curve of their own.
  static constexpr std::size_t least_of_situation = 60;
  // A priori the matcher's confidence is right: as so many outcomes that say so.
  static constexpr double slope_strength = 1;
  static constexpr double shift_strength = 1;
  // Fewer outcomes carry no steps: over suites left out these are then further off than a line.
  static constexpr std::size_t least_of_steps = 400;
  static constexpr std::size_t outcomes_a_step = 40;
  static constexpr std::size_t most_steps = 12;
  static constexpr double step_strength = 10;

  enum class Shape { stretched, stepped };

  static double loss(const Samples& samples, const Calibration& calibration) {
    double sum = 0;
    for (const auto& sample : samples) {
      const double share = calibration(share_of(sample.from), sample.situation);
      sum += loss_of(log_odds_of(share), sample.right);
    }
    return sum;
  }

  static Calibration of_all(const Curve& curve) {
    Calibration calibration;
    calibration.curves_.fill(curve);
    return calibration;
  }

  static Calibration fit(const Samples& samples) {
    const Curve common = best_curve(samples);
    auto calibration = of_all(common);
    for (std::size_t situation = 0; situation < situation_count; ++situation) {
      Samples own;
      std::copy_if(samples.begin(), samples.end(), std::back_inserter(own), [&](const auto& one) {
        return static_cast<std::size_t>(one.situation) == situation;
      });
      if (own.size() >= least_of_situation && own.size() < samples.size()) {
        calibration.curves_[situation] = best_curve(own);
      }
    }
    return calibration;
  }

  static Curve curve_of(const Samples& samples, Shape shape) {
    switch (shape) {
      case Shape::stretched: return stretched(samples);
      case Shape::stepped: return stepped(samples);
    }
    return {};
  }

  static Curve best_curve(const Samples& samples) {
    if (samples.size() < least_of_steps) {
      return stretched(samples);
    }
    Shape best = Shape::stretched;
    double least = 0;
    for (const Shape shape : {Shape::stretched, Shape::stepped}) {
      double sum = 0;
      for (std::size_t part = 0; part < parts; ++part) {
        Samples others;
        Samples left_out;
        for (std::size_t at = 0; at < samples.size(); ++at) {
          (at % parts == part ? left_out : others).push_back(samples[at]);
        }
        sum += loss(left_out, of_all(curve_of(others, shape)));
      }
      sum /= static_cast<double>(samples.size());
      if (shape == Shape::stretched || sum < least - least_gain) {
        least = sum;
        best = shape;
      }
    }
    return curve_of(samples, best);
  }

  // Platt's two numbers by Newton's method, drawn towards those that change nothing.
  static Curve stretched(const Samples& samples) {
    double slope = 1;
    double shift = 0;
    for (int round = 0; round < 50; ++round) {
      double along_slope = -slope_strength * (slope - 1);
      double along_shift = -shift_strength * shift;
      double bend_slope = slope_strength;
      double bend_both = 0;
      double bend_shift = shift_strength;
      for (const auto& sample : samples) {
        const double share = share_of(slope * sample.from + shift);
        const double error = (sample.right ? 1.0 : 0.0) - share;
        const double bend = share * (1 - share);
        along_slope += error * sample.from;
        along_shift += error;
        bend_slope += bend * sample.from * sample.from;
        bend_both += bend * sample.from;
        bend_shift += bend;
      }
      const double area = bend_slope * bend_shift - bend_both * bend_both;
      const double slope_step = (bend_shift * along_slope - bend_both * along_shift) / area;
      const double shift_step = (bend_slope * along_shift - bend_both * along_slope) / area;
      slope += std::clamp(slope_step, -1.0, 1.0);
      shift += std::clamp(shift_step, -1.0, 1.0);
      if (std::fabs(slope_step) + std::fabs(shift_step) < 1e-9) {
        break;
      }
    }
    constexpr double least_slope = 0.05;  // rising, whatever the outcomes say
    if (slope < least_slope) {
      slope = least_slope;
      shift = shift_at(samples, slope, shift);
    }
    return {{-farthest, slope * -farthest + shift}, {farthest, slope * farthest + shift}};
  }

  static double shift_at(const Samples& samples, double slope, double shift) {
    for (int round = 0; round < 50; ++round) {
      double along = -shift_strength * shift;
      double bend = shift_strength;
      for (const auto& sample : samples) {
        const double share = share_of(slope * sample.from + shift);
        along += (sample.right ? 1.0 : 0.0) - share;
        bend += share * (1 - share);
      }
      const double step = along / bend;
      shift += std::clamp(step, -1.0, 1.0);
      if (std::fabs(step) < 1e-9) {
        break;
      }
    }
    return shift;
  }

  // Steps of about equal size, none lower than the one before, each drawn towards Platt's curve.
  // What has one confidence is one step: the greatest confidence, say, which many pairs have.
  static Curve stepped(const Samples& samples) {
    const Calibration smooth = of_all(stretched(samples));
    auto sorted = samples;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Sample& a, const Sample& b) { return a.from < b.from; });
    struct Step {
      double from = 0, right = 0, count = 0;
      double share() const noexcept { return right / count; }
    };
    const std::size_t wanted =
        std::clamp(sorted.size() / outcomes_a_step, std::size_t{1}, most_steps);
    std::vector<Step> steps;
    for (std::size_t number = 0, at = 0; number < wanted; ++number) {
      std::size_t end = sorted.size() * (number + 1) / wanted;
      if (end <= at) {
        continue;
      }
      while (end < sorted.size() && sorted[end].from < sorted[end - 1].from + least_rise) {
        ++end;
      }
      Step step;
      double expected = 0;
      for (; at < end; ++at) {
        step.from += sorted[at].from;
        step.right += sorted[at].right ? 1 : 0;
        expected += smooth(share_of(sorted[at].from), Situation::names);
        ++step.count;
      }
      step.right += step_strength * expected / step.count;
      step.from *= (step.count + step_strength) / step.count;
      step.count += step_strength;
      steps.push_back(step);
      while (steps.size() > 1 && steps[steps.size() - 2].share() >= steps.back().share()) {
        const Step last = steps.back();
        steps.pop_back();
        steps.back().from += last.from;
        steps.back().right += last.right;
        steps.back().count += last.count;
      }
    }
    Curve curve;
    for (const auto& step : steps) {
      const Calibration::Knot knot{step.from / step.count, log_odds_of(step.share())};
      if (curve.empty() ||
          (knot.from > curve.back().from + least_rise && knot.to > curve.back().to + least_rise)) {
        curve.push_back(knot);
      }
    }
    return curve;
  }
};

CalibrationFit fit_calibration(std::span<const Outcome> outcomes) {
  return CalibrationFitter::run(outcomes);
}

double calibration_error(std::span<const Outcome> outcomes, const Calibration& calibration) {
  constexpr std::size_t bins = 10;
  std::array<double, bins> off{};
  for (const auto& outcome : outcomes) {
    const double confidence = calibration(outcome.confidence, outcome.situation);
    const auto bin = std::min(bins - 1, static_cast<std::size_t>(confidence * bins));
    off[bin] += confidence - (outcome.right ? 1.0 : 0.0);
  }
  double sum = 0;
  for (const double bin : off) {
    sum += std::fabs(bin);
  }
  return outcomes.empty() ? 0.0 : sum / static_cast<double>(outcomes.size());
}

}  // namespace mapctl::matching
