// Reads a camera's video out of libavformat, wherever that has the bytes from.
#pragma once

#include <chrono>

#include "ffmpeg_handles.h"
#include "ingest/libav_watch.h"
#include "ingest/packet_source.h"

namespace framewell {

// An input for avformat_open_input, which owns it from then on. `watch` outlives it and ends its blocking calls.
AVFormatContext* AllocateLibavInput(LibavWatch& watch);

// Hands what comes to `sink`, OnConnected first, until the input ends or is ended; throws the EngineError that says
// why. An access unit has to come within each `stall_timeout`.
[[noreturn]] void ReadLibavInput(AVFormatContext& input, LibavWatch& watch, std::chrono::milliseconds stall_timeout,
                                 PacketSink& sink);

}  // namespace framewell
