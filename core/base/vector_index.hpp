// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mapctl {

// Vectors of length 1 in memory, for exact nearest neighbours by inner product. Each vector is kept
// twice: as bytes, which are read for every search, and in full, for the few that may be among the
// nearest. The error of the bytes is known for each vector, so none is missed. Safe to search from
// several threads while nobody adds.
class VectorIndex {
 public:
  explicit VectorIndex(std::size_t dimensions);

  // Vectors are numbered from 0 in the order in which they came. Throws Error::invalid_data for
  // another number of dimensions, or for one whose length is neither 1 nor 0.
  void add(std::span<const float> vector);
  std::size_t size() const noexcept { return scales_.size(); }
  std::size_t dimensions() const noexcept { return dimensions_; }

  struct Hit {
    std::size_t number = 0;
    float similarity = 0;  // -1 to 1
    bool operator==(const Hit&) const = default;
  };
  // `all`: beyond the count, those that are as near as the last one.
  enum class Ties : std::uint8_t { cut, all };
  // The `count` nearest, nearest first, equal ones by number.
  std::vector<Hit> nearest(std::span<const float> query, std::size_t count,
                           Ties ties = Ties::cut) const;

 private:
  std::size_t dimensions_;
  std::size_t stride_;              // bytes of one row of codes_, a multiple of 16
  std::vector<std::int8_t> codes_;  // vector = code * scale, but for the error
  std::vector<float> scales_;
  std::vector<float> errors_;  // length of what the code leaves out
  std::vector<float> vectors_;
};

}  // namespace mapctl
