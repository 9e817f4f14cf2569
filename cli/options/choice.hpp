// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace CLI {
class Option;
}

namespace mapctl::cli {

// Makes `option` accept these words only, offering the nearest for another. Help, completion and
// the manual page show them as "a|b|c".
CLI::Option* choices(CLI::Option* option, std::initializer_list<std::string_view> words);

}  // namespace mapctl::cli
