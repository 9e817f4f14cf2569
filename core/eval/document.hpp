// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/eval/run.hpp"

#include <string_view>
#include <vector>

namespace mapctl::eval {

// To four decimals, as figures are written, so that equal runs of other compilers stay equal.
double rounded(double figure) noexcept;

// One suite of a document of schema mapctl.eval/1: its keys `suite`, `overall` and `tasks`.
Json to_json(const SuiteResult& suite);
Json to_json(const Figures& figures);

// Document of schema mapctl.eval/1; `many` where a folder of suites was asked for.
Json to_json(const std::vector<SuiteResult>& suites, bool many);

// The suites of such a document. Throws Error::invalid_data naming `what`.
std::vector<SuiteResult> read_document(std::string_view text, std::string_view what);

}  // namespace mapctl::eval
