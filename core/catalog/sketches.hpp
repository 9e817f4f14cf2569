// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

// Summaries of a stream in bounded memory. Deterministic; used by one thread at a time.
namespace mapctl::catalog {

// Number of distinct 64-bit hashes, within about 1.2 % (standard error), in 8 KiB. Registers as in
// HyperLogLog; the estimator is Ertl's (2017), which needs no table of corrections.
class DistinctSketch {
 public:
  void add(std::uint64_t hash) noexcept {
    const std::size_t index = hash >> (64U - index_bits);
    const std::uint64_t rest = (hash << index_bits) | (std::uint64_t{1} << (index_bits - 1U));
    const auto rank = static_cast<std::uint8_t>(std::countl_zero(rest) + 1);
    registers_[index] = registers_[index] < rank ? rank : registers_[index];
  }

  double estimate() const noexcept {
    constexpr std::size_t ranks = 64 - index_bits;
    std::array<double, ranks + 2> count{};
    for (const std::uint8_t rank : registers_) {
      count[rank] += 1;
    }
    const double size = static_cast<double>(registers_.size());
    double z = size * tau(1 - count[ranks + 1] / size);
    for (std::size_t rank = ranks; rank >= 1; --rank) {
      z = 0.5 * (z + count[rank]);
    }
    z += size * sigma(count[0] / size);
    return size * size / (2 * std::log(2.0) * z);
  }

 private:
  static constexpr unsigned index_bits = 13;

  static double sigma(double x) noexcept {
    if (x >= 1) {
      return std::numeric_limits<double>::infinity();
    }
    double y = 1;
    double z = x;
    for (double before = -1; before != z;) {
      before = z;
      x *= x;
      z += x * y;
      y += y;
    }
    return z;
  }

  static double tau(double x) noexcept {
    if (x <= 0 || x >= 1) {
      return 0;
    }
    double y = 1;
    double z = 1 - x;
    for (double before = -1; before != z;) {
      before = z;
      x = std::sqrt(x);
      y *= 0.5;
      z -= (1 - x) * (1 - x) * y;
    }
    return z / 3;
  }

  std::array<std::uint8_t, std::size_t{1} << index_bits> registers_{};
};

// A uniform sample of numbers: all of them up to `capacity`, then reservoir sampling with a
// generator that always starts from the same state.
class NumberSample {
 public:
  static constexpr std::size_t capacity = 2048;

  void add(double number) {
    ++seen_;
    if (numbers_.size() < capacity) {
      numbers_.push_back(number);
      return;
    }
    // xorshift64*: quick, and good enough to choose a slot.
    state_ ^= state_ >> 12U;
    state_ ^= state_ << 25U;
    state_ ^= state_ >> 27U;
    const std::uint64_t slot = (state_ * 0x2545F4914F6CDD1DULL) % seen_;
    if (slot < capacity) {
      numbers_[slot] = number;
    }
  }
  const std::vector<double>& numbers() const noexcept { return numbers_; }

 private:
  std::vector<double> numbers_;
  std::uint64_t seen_ = 0;
  std::uint64_t state_ = 0x9E3779B97F4A7C15ULL;
};

// Mean and deviation of a stream (Welford).
class Moments {
 public:
  void add(double number) noexcept {
    ++count_;
    const double delta = number - mean_;
    mean_ += delta / static_cast<double>(count_);
    squares_ += delta * (number - mean_);
  }
  std::int64_t count() const noexcept { return count_; }
  double mean() const noexcept { return mean_; }
  double deviation() const noexcept {  // of the sample
    return count_ < 2 ? 0 : std::sqrt(squares_ / static_cast<double>(count_ - 1));
  }

 private:
  std::int64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

}  // namespace mapctl::catalog
