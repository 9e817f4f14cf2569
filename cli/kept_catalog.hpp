// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"
#include "core/ports/connector.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace mapctl::cli {

// The catalog that was kept of a system; nothing when none was. `cause` is why the system itself
// cannot be asked.
using KeptCatalogs = std::function<std::optional<catalog::Catalog>(const Error& cause)>;

// Opens and asks the system; where it is unreachable, discovery gives what was kept of it, and rows
// cannot be read. Throws what `open` throws when nothing was kept, and any other error of the
// system.
std::unique_ptr<ports::Connector> with_kept_catalog(
    const std::function<std::unique_ptr<ports::Connector>()>& open, KeptCatalogs kept);

// Takes out what a scope of these patterns does not ask for.
void keep_scope(catalog::Catalog& found, const catalog::NamePattern& schemas,
                const catalog::NamePattern& tables);

}  // namespace mapctl::cli
