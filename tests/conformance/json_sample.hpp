// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "tests/conformance/sample.hpp"

namespace mapctl::test {

// A row of the sample as systems that speak JSON keep it: numbers and truth values bare, all else
// as text.
Json json_record(const SampleTable& table, const SampleRow& row);

}  // namespace mapctl::test
