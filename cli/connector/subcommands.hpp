// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace mapctl::cli {

class Subcommand;

// Those of `mapctl connector`.
std::unique_ptr<Subcommand> make_connector_list();
std::unique_ptr<Subcommand> make_connector_new();
std::unique_ptr<Subcommand> make_connector_test();

}  // namespace mapctl::cli
