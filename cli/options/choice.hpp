// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace CLI {
class Option;
}

namespace mapctl::cli {

// Checks of an option's value while the command line is read; another value is Error::usage.

// Accepts these words only, offering the nearest for another. Help, completion and the manual page
// show them as "a|b|c".
CLI::Option* choices(CLI::Option* option, std::vector<std::string> words);
// Accepts finite numbers from `least` to `most` only.
CLI::Option* between(CLI::Option* option, double least,
                     double most = std::numeric_limits<double>::infinity());

}  // namespace mapctl::cli
