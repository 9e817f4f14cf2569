// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

namespace mapctl::cli {

// What the program of `line` prints, without the line ends at its end. Words are separated by
// blanks; there is no shell. It reads nothing, has its own usual signals, and its messages go where
// ours go. Throws Error::configuration when it cannot be run, fails, prints more than 1 MiB or runs
// longer than 30 seconds, and Error::cancelled after a stop; it has ended in every case. Messages
// hold no more of `line` than the program's name.
std::string output_of_program(std::string_view line, const std::stop_token& stop);

}  // namespace mapctl::cli
