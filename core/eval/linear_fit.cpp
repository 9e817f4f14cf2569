// SPDX-License-Identifier: Apache-2.0
#include "core/eval/linear_fit.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mapctl::eval {
namespace {

constexpr double usual_strength = 5;
constexpr int most_rounds = 12;
constexpr double widest_step = 4;
constexpr double small_step = 1e-2;

// Solves A x = b for a symmetric positive definite matrix.
std::vector<double> solve(std::vector<double> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < j; ++k) {
      a[j * n + j] -= a[j * n + k] * a[j * n + k];
    }
    a[j * n + j] = std::sqrt(std::max(a[j * n + j], 1e-12));
    for (std::size_t i = j + 1; i < n; ++i) {
      for (std::size_t k = 0; k < j; ++k) {
        a[i * n + j] -= a[i * n + k] * a[j * n + k];
      }
      a[i * n + j] /= a[j * n + j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      b[i] -= a[i * n + k] * b[k];
    }
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) {
      b[i] -= a[k * n + i] * b[k];
    }
    b[i] /= a[i * n + i];
  }
  return b;
}

class Fit {
 public:
  Fit(std::span<const LinearSample> samples, std::vector<std::size_t> used,
      const std::map<std::size_t, Pull>& pulls)
      : samples_{samples}, used_{std::move(used)}, pulls_{pulls}, weights_(used_.size() + 1, 0) {}

  matching::Weights run() {
    while (true) {
      for (int round = 0; round < most_rounds && step() >= small_step; ++round) {
      }
      const auto least = std::min_element(weights_.begin(), weights_.end() - 1);
      if (used_.empty() || *least >= 0) {
        return result();
      }
      hold(static_cast<std::size_t>(least - weights_.begin()));
    }
  }

 private:
  // Takes a feature whose weight came out negative out of the fit.
  void hold(std::size_t place) {
    const auto feature = used_[place];
    if (const auto pull = pulls_.find(feature); pull != pulls_.end()) {
      held_.emplace_back(feature, pull->second.least * pull->second.goal);
    }
    used_.erase(used_.begin() + static_cast<std::ptrdiff_t>(place));
    weights_.erase(weights_.begin() + static_cast<std::ptrdiff_t>(place));
  }

  // One Newton step; how far the weight moved that moved most.
  double step() {
    const std::size_t n = weights_.size();
    std::vector<double> hessian(n * n, 0);
    std::vector<double> gradient(n, 0);
    std::vector<double> x(n, 1);
    for (const auto& sample : samples_) {
      double sum = weights_[n - 1];
      for (const auto& [feature, weight] : held_) {
        sum += weight * static_cast<double>((*sample.features)[feature]);
      }
      for (std::size_t at = 0; at + 1 < n; ++at) {
        x[at] = static_cast<double>((*sample.features)[used_[at]]);
        sum += weights_[at] * x[at];
      }
      const double share = 1 / (1 + std::exp(-sum));
      const double error = sample.weight * ((sample.right ? 1.0 : 0.0) - share);
      const double bend = sample.weight * std::max(share * (1 - share), 1e-6);
      for (std::size_t i = 0; i < n; ++i) {
        gradient[i] += error * x[i];
        const double scaled = bend * x[i];
        for (std::size_t k = 0; k <= i; ++k) {
          hessian[i * n + k] += scaled * x[k];
        }
      }
    }
    for (std::size_t i = 0; i + 1 < n; ++i) {
      const auto found = pulls_.find(used_[i]);
      const Pull pull = found != pulls_.end() ? found->second : Pull{0, usual_strength, 0};
      gradient[i] -= pull.strength * (weights_[i] - pull.goal);
      hessian[i * n + i] += pull.strength;
    }
    const auto moves = solve(std::move(hessian), std::move(gradient));
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i) {
      weights_[i] += std::clamp(moves[i], -widest_step, widest_step);
      largest = std::max(largest, std::fabs(moves[i]));
    }
    return largest;
  }

  matching::Weights result() const {
    matching::Weights result;
    for (const auto& [feature, weight] : held_) {
      result.of[feature] = static_cast<float>(weight);
    }
    for (std::size_t at = 0; at < used_.size(); ++at) {
      result.of[used_[at]] = static_cast<float>(weights_[at]);
    }
    result.constant = static_cast<float>(weights_.back());
    return result;
  }

  std::span<const LinearSample> samples_;
  std::vector<std::size_t> used_;
  const std::map<std::size_t, Pull>& pulls_;
  std::vector<double> weights_;                         // and the constant
  std::vector<std::pair<std::size_t, double>> held_{};  // features at their least weight
};

}  // namespace

matching::Weights fit_weights(std::span<const LinearSample> samples, std::vector<std::size_t> used,
                              const std::map<std::size_t, Pull>& pulls) {
  return Fit{samples, std::move(used), pulls}.run();
}

}  // namespace mapctl::eval
