// How long the work for one camera takes.
#pragma once

#include "time_histogram.h"

namespace framewell {

// Thread-safe. Held by shared_ptr: it counts over all sessions of the camera, and work may end after the last of them.
struct WorkMeter {
  // Each access unit; of an MJPEG camera only the pictures that are encoded anew.
  TimeHistogram decodes;
  // Each JPEG that is made, scaling included, without the wait for a thread.
  TimeHistogram encodes;
};

}  // namespace framewell
