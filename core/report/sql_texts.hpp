// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/exports.hpp"

#include <string>
#include <string_view>
#include <vector>

// Parts of texts in the SQL of each system. `input` and `inputs` are SQL, the rest are values.
namespace mapctl::report {

// What stands behind the last separator; all of it where there is none. Empty: cannot be written.
std::string sql_final_part(SqlTarget target, const std::string& input, std::string_view separator);
// What stands before the last separator; null where there is none. Empty: cannot be written.
std::string sql_before_final(SqlTarget target, const std::string& input,
                             std::string_view separator);
// `old` at the beginning or at the end of the text replaced, and nowhere else. The input stands in
// it once, so that many of them in a row stay short.
std::string sql_replace_start(SqlTarget target, const std::string& input, std::string_view old,
                              std::string_view instead);
std::string sql_replace_end(SqlTarget target, const std::string& input, std::string_view old,
                            std::string_view instead);
// The part of a number between separators, from 1; null where there are not so many.
std::string sql_nth_part(SqlTarget target, const std::string& input, std::string_view separator,
                         int number);
// Parts between separators, none in an empty text; without a separator the entries of a JSON list.
// A list of the one value: of the system's own kind where it has one, else of JSON.
std::string sql_list_of(SqlTarget target, const std::string& input);
std::string sql_count_parts(SqlTarget target, const std::string& input, std::string_view separator);
// "1:30:15" as 5415: hours, minutes and seconds, of which the last may be missing.
std::string sql_of_duration(SqlTarget target, const std::string& input);
// Texts in the places of a template such as "{1}, {2} {3}"; one that is null takes away what stands
// before it. Empty where the template names an input that there is not.
std::string sql_of_template(SqlTarget target, const std::vector<std::string>& inputs,
                            std::string_view text);

}  // namespace mapctl::report
