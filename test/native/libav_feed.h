// Bytes through libavformat's own demuxer and depacketizers, without a socket.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine_error.h"
#include "ingest/packet_source.h"

namespace framewell {

// Feeds RTP and RTCP packets to libavformat as LibavSource opens it, behind `sdp`, and what comes of them to `sink`.
// Gives the error that ended it.
EngineError ReadByLibav(const std::string& sdp, const std::vector<std::vector<uint8_t>>& packets, PacketSink& sink);

}  // namespace framewell
