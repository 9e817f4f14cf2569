// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/calibration.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

using namespace mapctl;
using matching::Calibration;
using matching::Outcome;
using matching::Situation;

namespace {

// 0..1, the same on every platform.
double drawn(std::mt19937& random) {
  return (static_cast<double>(random()) + 0.5) / 4294967296.0;
}

// Outcomes of a matcher that is right as often as `truth` says of a confidence.
template <class Truth>
std::vector<Outcome> outcomes_of(std::size_t count, std::uint32_t seed, Situation situation,
                                 Truth&& truth) {
  std::mt19937 random{seed};
  std::vector<Outcome> outcomes;
  for (std::size_t number = 0; number < count; ++number) {
    const double confidence = 0.5 + 0.495 * drawn(random);
    outcomes.push_back({confidence, drawn(random) < truth(confidence), situation});
  }
  return outcomes;
}

double boastful(double confidence) {
  return 0.2 + 0.5 * (confidence - 0.5);
}

}  // namespace

TEST_CASE("confidences that promise too much are brought to what was right after 200 decisions",
          "[matching]") {
  const auto fit = matching::fit_calibration(outcomes_of(200, 1, Situation::names, boastful));
  const auto unseen = outcomes_of(5000, 2, Situation::names, boastful);
  CHECK(fit.outcomes == 200);
  CHECK(matching::calibration_error(unseen, {}) > 0.35);
  CHECK(matching::calibration_error(unseen, fit.calibration) < 0.05);
  CHECK(fit.ece_after < fit.ece_before);
  CHECK(fit.loss_after < fit.loss_before);
}

TEST_CASE("confidences that keep their promise stay as they are", "[matching]") {
  const auto honest =
      outcomes_of(400, 3, Situation::values, [](double confidence) { return confidence; });
  const auto fit = matching::fit_calibration(honest);
  CHECK(fit.calibration.changes_nothing());
  CHECK(fit.calibration(0.73, Situation::values) == test::Approx(0.73));
  CHECK(fit.loss_after == fit.loss_before);
}

TEST_CASE("confidences of one value get the share of them that was right", "[matching]") {
  // As where the surest pairs all have the greatest confidence, and many of them are wrong.
  std::vector<Outcome> outcomes;
  for (int number = 0; number < 150; ++number) {
    outcomes.push_back({number % 5 == 0 ? 0.7 : 0.995, number % 3 != 0, Situation::names});
  }
  const auto fit = matching::fit_calibration(outcomes);
  CHECK(fit.calibration(0.995, Situation::names) == test::Approx(0.667).margin(0.03));
  CHECK(matching::calibration_error(outcomes, fit.calibration) < 0.03);
}

TEST_CASE("the surer the wronger: all confidences come to the share that is right", "[matching]") {
  const auto inverted = [](double confidence) { return 1.1 - confidence; };
  const auto fit = matching::fit_calibration(outcomes_of(400, 4, Situation::names, inverted));
  const auto unseen = outcomes_of(5000, 5, Situation::names, inverted);
  double mean = 0;
  double right = 0;
  for (const auto& outcome : unseen) {
    mean += fit.calibration(outcome.confidence, outcome.situation) / 5000;
    right += outcome.right ? 1.0 / 5000 : 0.0;
  }
  CHECK(mean == test::Approx(right).margin(0.06));
  CHECK(fit.calibration(0.99, Situation::names) > fit.calibration(0.6, Situation::names));
}

TEST_CASE("200 decisions make a line, many make the steps that are there", "[matching]") {
  const auto step = [](double confidence) { return confidence < 0.8 ? 0.1 : 0.9; };
  const auto knots = [&](std::size_t count) {
    const auto fit = matching::fit_calibration(outcomes_of(count, 7, Situation::names, step));
    const auto text = fit.calibration.text();
    const auto line = text.substr(0, text.find('\n'));
    return std::count(line.begin(), line.end(), ':');
  };
  CHECK(knots(200) == 2);
  CHECK(knots(2000) > 2);
}

TEST_CASE("a few decisions move no confidence", "[matching]") {
  const std::vector<Outcome> few(matching::least_outcomes - 1, Outcome{0.9, false, {}});
  const auto fit = matching::fit_calibration(few);
  CHECK(fit.calibration.changes_nothing());
  CHECK(fit.ece_before == test::Approx(0.9));
  CHECK(matching::fit_calibration({}).calibration.changes_nothing());
}

TEST_CASE("a situation with decisions of its own gets its own curve", "[matching]") {
  auto outcomes = outcomes_of(300, 4, Situation::names, boastful);
  const auto sure = outcomes_of(300, 5, Situation::values, [](double) { return 0.97; });
  outcomes.insert(outcomes.end(), sure.begin(), sure.end());
  const auto fit = matching::fit_calibration(outcomes);
  CHECK(fit.calibration(0.7, Situation::names) < 0.45);
  CHECK(fit.calibration(0.7, Situation::values) > 0.85);
}

TEST_CASE("decisions that hold for one situation only are a hint for the others", "[matching]") {
  const auto fit = matching::fit_calibration(outcomes_of(300, 6, Situation::names, boastful));
  CHECK(fit.calibration(0.8, Situation::memory) ==
        test::Approx(fit.calibration(0.8, Situation::names)));
}

TEST_CASE("calibration never changes the order of two confidences", "[matching]") {
  const auto hard = [](double confidence) { return confidence < 0.8 ? 0.4 : 0.35; };
  for (const std::uint32_t seed : {7U, 8U, 9U}) {
    const auto fit = matching::fit_calibration(outcomes_of(500, seed, Situation::names, hard));
    double last = 0;
    for (int step = 1; step < 1000; ++step) {
      const double now = fit.calibration(step / 1000.0, Situation::names);
      CHECK(now > last);
      CHECK(now < 1);
      last = now;
    }
  }
}

TEST_CASE("a calibration does not depend on the order of the decisions", "[matching]") {
  auto outcomes = outcomes_of(250, 10, Situation::values, boastful);
  const auto first = matching::fit_calibration(outcomes).calibration;
  std::reverse(outcomes.begin(), outcomes.end());
  CHECK(matching::fit_calibration(outcomes).calibration == first);
}

TEST_CASE("a calibration is read back from its text as it was", "[matching]") {
  const auto made =
      matching::fit_calibration(outcomes_of(400, 11, Situation::names, boastful)).calibration;
  REQUIRE_FALSE(made.changes_nothing());
  const auto text = made.text();
  CHECK(Calibration::parse(text, "calibration") == made);
  CHECK(Calibration::parse(text, "calibration").text() == text);
  CHECK(Calibration::parse("", "calibration").changes_nothing());
}

TEST_CASE("a curve is straight between its knots and shifted beyond them", "[matching]") {
  const auto calibration = Calibration::parse("values -1:-2 1:1\n", "calibration");
  const auto odds = [](double log_odds) { return 1 / (1 + std::exp(-log_odds)); };
  CHECK(calibration(odds(0), Situation::values) == test::Approx(odds(-0.5)));
  CHECK(calibration(odds(-3), Situation::values) == test::Approx(odds(-4)));
  CHECK(calibration(odds(2), Situation::values) == test::Approx(odds(2)));
  CHECK(calibration(0.3, Situation::names) == test::Approx(0.3));
}

TEST_CASE("a damaged calibration is refused by name", "[matching]") {
  for (const char* text :
       {"guesses 0:1\n", "names\n", "names 0\n", "names 0:x\n", "names 0:1 0:2\n",
        "names 0:1 1:0.5\n", "names nan:1\n", "names 1:1e9\n"}) {
    INFO(text);
    try {
      static_cast<void>(Calibration::parse(text, "tenant acme"));
      FAIL("was read");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::invalid_data);
      CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("'tenant acme'"));
    }
  }
}
