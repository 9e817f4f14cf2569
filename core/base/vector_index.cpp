// SPDX-License-Identifier: Apache-2.0
#include "core/base/vector_index.hpp"

#include "core/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace mapctl {
namespace {

constexpr std::size_t block = 16;  // bytes that are multiplied at once
constexpr float largest_code = 127;
// What rounding of the sums themselves may add to the known errors.
constexpr float slack = 1e-5F;

struct Code {
  std::vector<std::int8_t> bytes{};
  float scale = 0;
  float error = 0;
};

Code encode(std::span<const float> vector, std::size_t stride) {
  Code code;
  code.bytes.resize(stride, 0);
  float largest = 0;
  for (const float value : vector) {
    largest = std::max(largest, std::abs(value));
  }
  if (largest == 0) {
    return code;
  }
  code.scale = largest / largest_code;
  float square = 0;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const float rounded = std::round(vector[i] / code.scale);
    code.bytes[i] = static_cast<std::int8_t>(rounded);
    const float left = vector[i] - rounded * code.scale;
    square += left * left;
  }
  code.error = std::sqrt(square);
  return code;
}

#if defined(__SSE2__)
std::int32_t dot(const std::int8_t* left, const std::int8_t* right, std::size_t size) noexcept {
  const __m128i zero = _mm_setzero_si128();
  __m128i sum = zero;
  for (std::size_t i = 0; i < size; i += block) {
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(left + i));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(right + i));
    // Bytes become 16-bit numbers by taking their sign along.
    const __m128i a_sign = _mm_cmpgt_epi8(zero, a);
    const __m128i b_sign = _mm_cmpgt_epi8(zero, b);
    sum = _mm_add_epi32(sum,
                        _mm_madd_epi16(_mm_unpacklo_epi8(a, a_sign), _mm_unpacklo_epi8(b, b_sign)));
    sum = _mm_add_epi32(sum,
                        _mm_madd_epi16(_mm_unpackhi_epi8(a, a_sign), _mm_unpackhi_epi8(b, b_sign)));
  }
  alignas(16) std::int32_t parts[4];
  _mm_store_si128(reinterpret_cast<__m128i*>(parts), sum);
  return parts[0] + parts[1] + parts[2] + parts[3];
}
#else
std::int32_t dot(const std::int8_t* left, const std::int8_t* right, std::size_t size) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    sum += static_cast<std::int32_t>(left[i]) * right[i];
  }
  return sum;
}
#endif

float exact_dot(std::span<const float> left, const float* right) noexcept {
  float sum = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    sum += left[i] * right[i];
  }
  return sum;
}

void check(std::span<const float> vector, std::size_t dimensions) {
  if (vector.size() != dimensions) {
    throw Error{
        ErrorCode::invalid_data,
        fmt::format("a vector has {} dimensions, the others have {}", vector.size(), dimensions),
        "vectors of one model only are compared"};
  }
  float square = 0;
  for (const float value : vector) {
    square += value * value;
  }
  constexpr float tolerance = 1e-3F;
  // Written so that a length that is no number is refused too.
  if (!(square == 0 || std::abs(square - 1) < tolerance)) {
    throw Error{ErrorCode::invalid_data, "a vector is not of length 1"};
  }
}

}  // namespace

VectorIndex::VectorIndex(std::size_t dimensions)
    : dimensions_{dimensions}, stride_{(dimensions + block - 1) / block * block} {}

void VectorIndex::add(std::span<const float> vector) {
  check(vector, dimensions_);
  const Code code = encode(vector, stride_);
  codes_.insert(codes_.end(), code.bytes.begin(), code.bytes.end());
  scales_.push_back(code.scale);
  errors_.push_back(code.error);
  vectors_.insert(vectors_.end(), vector.begin(), vector.end());
}

std::vector<VectorIndex::Hit> VectorIndex::nearest(std::span<const float> query, std::size_t count,
                                                   Ties ties) const {
  check(query, dimensions_);
  count = std::min(count, size());
  std::vector<Hit> hits;
  if (count == 0) {
    return hits;
  }
  const Code code = encode(query, stride_);
  const auto error = [&](std::size_t number) {
    return code.error + (1 + code.error) * errors_[number] + slack;
  };
  // The least similarity of the `count` best in the worst case, on top of a heap.
  std::vector<float> rough(size());
  std::vector<float> surely;
  surely.reserve(count + 1);
  for (std::size_t i = 0; i < size(); ++i) {
    rough[i] = static_cast<float>(dot(code.bytes.data(), codes_.data() + i * stride_, stride_)) *
               code.scale * scales_[i];
    const float at_least = rough[i] - error(i);
    if (surely.size() < count || at_least > surely.front()) {
      surely.push_back(at_least);
      std::push_heap(surely.begin(), surely.end(), std::greater<>{});
      if (surely.size() > count) {
        std::pop_heap(surely.begin(), surely.end(), std::greater<>{});
        surely.pop_back();
      }
    }
  }
  for (std::size_t i = 0; i < size(); ++i) {
    if (rough[i] + error(i) >= surely.front()) {
      hits.push_back({i, exact_dot(query, vectors_.data() + i * dimensions_)});
    }
  }
  const auto nearer = [](const Hit& left, const Hit& right) {
    return left.similarity != right.similarity ? left.similarity > right.similarity
                                               : left.number < right.number;
  };
  std::partial_sort(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(count), hits.end(),
                    nearer);
  std::size_t kept = count;
  if (ties == Ties::all) {
    const float last = hits[count - 1].similarity;
    const auto end = std::partition(hits.begin() + static_cast<std::ptrdiff_t>(count), hits.end(),
                                    [&](const Hit& hit) { return hit.similarity == last; });
    std::sort(hits.begin() + static_cast<std::ptrdiff_t>(count), end, nearer);
    kept = static_cast<std::size_t>(end - hits.begin());
  }
  hits.resize(kept);
  return hits;
}

}  // namespace mapctl
