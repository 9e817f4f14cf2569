// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/model.hpp"

namespace mapctl::report {

// One page that needs nothing else: style, script and data are inside. Filters can be given in the
// fragment of its address: #q=email&status=proposed&source=Account&target=contact&min=0.8&max=1
// &warnings=1&evidence=1.
void write_html(const RunReport& run, PairSource& pairs, const Output& output);

}  // namespace mapctl::report
