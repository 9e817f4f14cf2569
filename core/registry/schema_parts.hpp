// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mapctl::registry {

// Statements of migrations that stand in files of their own; schema.cpp lists them.
extern const std::string_view yaml_migrations_up;
extern const std::string_view yaml_migrations_down;
extern const std::string_view language_model_up;
extern const std::string_view language_model_down;

}  // namespace mapctl::registry
