// libavformat's failures as the project's stable codes.
#pragma once

#include <string>

#include "engine_error.h"

namespace framewell {

// The error with which opening a camera failed. `log_line` is what libavformat logged last (may be empty).
EngineError ClassifyConnectError(int error, const std::string& log_line);
// The error with which reading from a connected camera failed.
EngineError ClassifyReadError(int error);

}  // namespace framewell
